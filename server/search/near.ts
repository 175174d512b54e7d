import { allOf, anyOf } from './combine.js';
import type { Filter } from './filter.js';

/** Kilometres in which a place is near where nobody says. */
const NEAR_KM_DEFAULT = 50;

/** The mean radius. */
const EARTH_RADIUS_KM = 6_371;

/** UCUM codes of the units that a distance may have. */
const KM_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['km', 1],
  ['m', 0.001],
  ['[mi_i]', 1.609344],
  ['[mi_us]', 1.609347],
]);

/** A point on the globe and how far from it, in degrees and kilometres. */
export interface Surroundings {
  readonly latitude: number;
  readonly longitude: number;
  readonly distanceKm: number;
}

const NUMBER = /^[-+]?\d{1,15}(?:\.\d{1,15})?$/;

/** Reads the pieces of `latitude|longitude|distance|units`; undefined for what is no such place. */
export function surroundingsOf(pieces: readonly string[]): Surroundings | undefined {
  const [latitude = NaN, longitude = NaN, distance = NaN] = pieces
    .slice(0, 3)
    .map((piece) => (NUMBER.test(piece) ? Number(piece) : NaN));
  const [, , written = '', unit = ''] = pieces;
  const distanceKm = written === '' ? NEAR_KM_DEFAULT : distance * (KM_PER_UNIT.get(unit || 'km') ?? NaN);
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && distanceKm >= 0 && pieces.length <= 4;
  return isPlace ? { latitude, longitude, distanceKm } : undefined;
}

/**
 * What lies in the least rectangle of latitudes and longitudes around a circle: all of the circle, and a little at the
 * corners beyond it. R4 leaves the accuracy to the server: https://hl7.org/fhir/R4/location.html#search
 */
export function nearFilter(param: string, { latitude, longitude, distanceKm }: Surroundings): Filter {
  const angle = distanceKm / EARTH_RADIUS_KM;
  const [south, north] = [latitude - degrees(angle), latitude + degrees(angle)];
  const inLatitude = between(`${param}:latitude`, south, north);
  // With a pole in it, a circle touches every longitude.
  if (south <= -90 || north >= 90) return inLatitude;
  const reach = degrees(Math.asin(Math.sin(angle) / Math.cos((latitude * Math.PI) / 180)));
  const [west, east] = [longitude - reach, longitude + reach];
  const inLongitude = (from: number, to: number) => between(`${param}:longitude`, from, to);
  if (west < -180) return allOf([inLatitude, anyOf([inLongitude(west + 360, 180), inLongitude(-180, east)])]);
  if (east > 180) return allOf([inLatitude, anyOf([inLongitude(west, 180), inLongitude(-180, east - 360)])]);
  return allOf([inLatitude, inLongitude(west, east)]);
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

/** Half a metre, so that the rounding of the sines loses nothing at the edge. */
const EDGE_DEGREES = 5e-6;

function between(param: string, least: number, greatest: number): Filter {
  return allOf([
    { kind: 'number', param, prefix: 'ge', value: least - EDGE_DEGREES },
    { kind: 'number', param, prefix: 'le', value: greatest + EDGE_DEGREES },
  ]);
}
