/** Valid resources of every served type, each with something that a hasty validator would refuse. */
const ABSENT = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }];
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

export const slot = {
  resourceType: 'Slot',
  id: 'A',
  schedule: { reference: 'Schedule/s1' },
  status: 'free',
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T13:30:00Z',
};

export const appointment = {
  resourceType: 'Appointment',
  status: 'booked',
  slot: [{ reference: 'Slot/A' }],
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T13:30:00Z',
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
};

export const schedule = { resourceType: 'Schedule', actor: [{ reference: 'Practitioner/p1' }] };

export const VALID: Readonly<Record<string, object>> = {
  'a plain Slot': slot,
  'a plain Appointment': appointment,
  'a plain Schedule': schedule,
  'a Slot with all its elements': {
    ...slot,
    meta: { profile: ['http://example.org/p'], tag: [{ system: 'http://example.org/t', code: 'x' }] },
    text: {
      status: 'generated',
      div: `${DIV}<p style="x">13 &lt; 14<br/></p><table><tr><td>ö</td></tr></table></div>`,
    },
    identifier: [{ use: 'official', system: 'http://example.org/slots', value: '1', period: { start: '2027' } }],
    serviceCategory: [{ coding: [{ code: '17' }], text: 'General Practice' }],
    appointmentType: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0276', code: 'WALKIN' }] },
    overbooked: true,
    comment: 'Tabs\tand\nlines are text.',
  },
  'instants with a fraction, an offset and a leap second': {
    ...slot,
    start: '2027-03-15T13:00:00.123456+14:00',
    end: '2027-12-31T23:59:60Z',
  },
  'a leap day': { ...slot, start: '2028-02-29T13:00:00Z', end: '2028-02-29T13:30:00Z' },
  'a required primitive that an extension stands in for': {
    ...slot,
    status: undefined,
    _status: { extension: ABSENT },
  },
  'references by absolute URL, urn, identifier and version': {
    ...appointment,
    slot: [{ reference: 'https://elsewhere.example/fhir/Slot/1' }, { reference: 'Slot/A/_history/3' }],
    participant: [
      { actor: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' }, status: 'accepted' },
      { actor: { identifier: { system: 'http://example.org', value: '7' }, type: 'Patient' }, status: 'tentative' },
      { actor: { display: 'A visitor' }, status: 'needs-action', required: 'information-only' },
    ],
  },
  'a waitlist Appointment without times': { ...appointment, status: 'waitlist', start: undefined, end: undefined },
  'a noshow Appointment with a cancelationReason': {
    ...appointment,
    status: 'noshow',
    cancelationReason: { text: 'Did not come' },
  },
  'contained resources that are referred to, of a served type and of another': {
    ...appointment,
    contained: [
      { resourceType: 'Patient', id: 'p', name: [{ family: 'Ng' }] },
      { resourceType: 'ServiceRequest', id: 'r', status: 'active', intent: 'order', subject: { reference: '#p' } },
      {
        resourceType: 'Provenance',
        id: 'v',
        recorded: '2027-01-01T00:00:00Z',
        target: [{ reference: '#' }],
        agent: [{ who: { display: 'x' } }],
      },
    ],
    basedOn: [{ reference: '#r' }],
    participant: [{ actor: { reference: '#p' }, status: 'accepted' }],
  },
  'requested periods of days, open ones too': {
    ...appointment,
    priority: 0,
    minutesDuration: 30,
    requestedPeriod: [
      { start: '2027-03-15', end: '2027-03-15' },
      { start: '2027-03' },
      { end: '2027-04-01T00:00:00Z' },
    ],
  },
  'an AppointmentResponse': {
    resourceType: 'AppointmentResponse',
    appointment: { reference: 'Appointment/1' },
    participantType: [{ text: 'patient' }],
    participantStatus: 'declined',
  },
  'a Schedule with the availability extension': {
    ...schedule,
    extension: [
      {
        url: 'https://fhir-slots.dev/fhir/StructureDefinition/availability',
        extension: [
          { url: 'timezone', valueCode: 'America/New_York' },
          {
            url: 'availableTime',
            extension: [
              { url: 'daysOfWeek', valueCode: 'mon' },
              { url: 'availableStartTime', valueTime: '09:00:00' },
              { url: 'capacity', valuePositiveInt: 2 },
            ],
          },
          { url: 'duration', valueDuration: { value: 30, system: 'http://unitsofmeasure.org', code: 'min' } },
          { url: 'notAvailableTime', extension: [{ url: 'during', valuePeriod: { start: '2027-08-02' } }] },
        ],
      },
    ],
  },
  'a Patient with extensions beside primitives, and nulls in their arrays': {
    resourceType: 'Patient',
    name: [{ given: ['Anna', null], _given: [null, { extension: ABSENT }], family: 'Ng', _family: { id: 'f' } }],
    birthDate: '1974-12',
    _birthDate: { extension: [{ url: 'http://example.org/birthTime', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
    deceasedBoolean: false,
    multipleBirthInteger: -1,
    photo: [{ contentType: 'image/gif', data: 'R0lG ODlh' }],
    telecom: [{ system: 'phone', value: '1', rank: 1 }],
    contact: [{ name: { text: 'x' } }],
    link: [{ other: { reference: 'RelatedPerson/1' }, type: 'seealso' }],
  },
  'a Practitioner': {
    resourceType: 'Practitioner',
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Europe/Berlin' }],
    qualification: [{ code: { text: 'MD' }, period: { start: '1995' } }],
  },
  'a PractitionerRole with hours': {
    resourceType: 'PractitionerRole',
    practitioner: { reference: 'Practitioner/p1' },
    availableTime: [{ daysOfWeek: ['mon', 'tue'], availableStartTime: '09:00:00', availableEndTime: '17:00:00' }],
    notAvailable: [{ description: 'Holidays', during: { start: '2027-08-02', end: '2027-08-13' } }],
  },
  'a Location': {
    resourceType: 'Location',
    position: { longitude: -83.69471, latitude: 42.2565 },
    hoursOfOperation: [{ daysOfWeek: ['sat'], allDay: true }],
  },
  'a HealthcareService': {
    resourceType: 'HealthcareService',
    providedBy: { reference: 'Organization/o' },
    endpoint: [{ reference: 'Endpoint/e' }],
    availableTime: [{ daysOfWeek: ['sun'], allDay: true }],
  },
  'an Organization': {
    resourceType: 'Organization',
    name: 'Clinic',
    telecom: [{ system: 'phone', value: '1', use: 'work' }],
  },
  'a RelatedPerson': { resourceType: 'RelatedPerson', patient: { reference: 'Patient/q1' } },
  'a Device': {
    resourceType: 'Device',
    deviceName: [{ name: 'MRI', type: 'user-friendly-name' }],
    url: 'http://example.org/mri',
    property: [{ type: { text: 'x' }, valueQuantity: [{ value: 1.5 }] }],
  },
  'an AuditEvent': {
    resourceType: 'AuditEvent',
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    recorded: '2027-03-15T13:00:00Z',
    agent: [{ name: 'anna', requestor: true }],
    source: { observer: { display: 'fhir-slots' } },
  },
};
