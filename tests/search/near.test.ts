/** `near` of Location: https://hl7.org/fhir/R4/location.html#search */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { indexValuesOf } from '../../server/fhir/index.js';
import { evaluate, parseSearch } from '../../server/search/index.js';
import { CONTEXT, params, refusal } from './search-context.js';

const RADIUS_KM = 6_371;
/** Where no distance is named. */
const NEAR_KM_DEFAULT = 50;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

const filterOf = (value: string) => parseSearch('Location', [['near', value]], CONTEXT).filter;

function finds(value: string, position: Point): boolean {
  const index = indexValuesOf({ resourceType: 'Location', position }, { zone: 'UTC', ownBases: [] });
  return evaluate(filterOf(value), { id: 'l', updatedMs: 0, index }, () => false);
}

/** Where one gets to from a point by going straight on. */
function beyond({ latitude, longitude }: Point, bearing: number, km: number): Point {
  const angle = km / RADIUS_KM;
  const from = radians(latitude);
  const sine = Math.sin(from) * Math.cos(angle) + Math.cos(from) * Math.sin(angle) * Math.cos(bearing);
  const to = Math.asin(Math.min(1, Math.max(-1, sine)));
  const turn = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(from),
    Math.cos(angle) - Math.sin(from) * Math.sin(to),
  );
  const east = longitude + (turn * 180) / Math.PI;
  return { latitude: (to * 180) / Math.PI, longitude: ((((east + 180) % 360) + 360) % 360) - 180 };
}

const tenths = (most: number) => fc.integer({ min: -most * 10, max: most * 10 }).map((number) => number / 10);
const point = fc.record({ latitude: tenths(90), longitude: tenths(180) });
const bearing = fc.integer({ min: 0, max: 63 }).map((part) => (part * Math.PI) / 32);
const km = fc.integer({ min: 1, max: 20_000 });

test('whatever lies within the distance is found, over the poles and the date line too', () => {
  fc.assert(
    fc.property(point, bearing, km, fc.integer({ min: 0, max: 100 }), (centre, direction, distance, percent) => {
      const place = beyond(centre, direction, (distance * percent) / 100);
      return finds(`${centre.latitude}|${centre.longitude}|${distance}|km`, place);
    }),
    { numRuns: 2_000 },
  );
});

test('what lies straight to the north or south beyond the distance is not found', () => {
  fc.assert(
    fc.property(
      tenths(60),
      tenths(180),
      fc.integer({ min: 1, max: 1_000 }),
      fc.boolean(),
      (lat, long, distance, up) => {
        const place = beyond({ latitude: lat, longitude: long }, up ? 0 : Math.PI, distance * 1.01 + 0.01);
        return !finds(`${lat}|${long}|${distance}|km`, place);
      },
    ),
  );
});

describe('distances and units', () => {
  const ANN_ARBOR = { latitude: 42.281, longitude: -83.743 };
  const kmNorth = (distance: number) => beyond(ANN_ARBOR, 0, distance);
  const CENTRE = '42.281|-83.743';

  test.each([
    [`${CENTRE}|11.2|km`, 11.19, 11.21],
    [`${CENTRE}|11.2`, 11.19, 11.21],
    [`${CENTRE}|11200|m`, 11.19, 11.21],
    [`${CENTRE}|10|[mi_i]`, 16.09, 16.1],
    [`${CENTRE}|10|[mi_us]`, 16.09, 16.1],
    [CENTRE, NEAR_KM_DEFAULT - 0.01, NEAR_KM_DEFAULT + 0.01],
    [`${CENTRE}||furlong`, NEAR_KM_DEFAULT - 0.01, NEAR_KM_DEFAULT + 0.01],
  ])('%s', (value, inside, outside) => {
    expect([finds(value, kmNorth(inside)), finds(value, kmNorth(outside))]).toEqual([true, false]);
  });

  test.each([
    '',
    '42',
    '42|',
    '|1',
    '91|0',
    '0|181',
    '0|0|-1',
    '0|0|1|furlong',
    '0|0|x',
    '0|0|1|km|z',
    'NaN|0',
    '1e1|0',
  ])('refused: %s', (value) =>
    expect(refusal(() => filterOf(value))).toMatchObject({ kind: 'invalid', expression: 'near' }),
  );

  test('has no order and no modifier but :missing', () => {
    const parse = (query: string) => parseSearch('Location', params(query), CONTEXT);
    expect(refusal(() => parse('_sort=near')).expression).toBe('_sort');
    expect(refusal(() => parse('near:not=1|1')).expression).toBe('near:not');
    expect(parse('near:missing=true').filter).toEqual({ kind: 'missing', param: 'near:latitude', missing: true });
  });
});
