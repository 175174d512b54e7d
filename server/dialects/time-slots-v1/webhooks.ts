/** What happened to a booking. */
export type BookingEvent = 'bookings.create' | 'bookings.update' | 'bookings.delete';

/** Tells whoever listens. Never waits, and never fails. @param booking as JSON @param service its number */
export type Tell = (event: BookingEvent, booking: object, service: number) => void;
