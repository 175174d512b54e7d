/** Short ways to say what a test asks for, and the conditions that come of it. */
import type { ChainLeaf, Filter, HasLeaf } from '../../server/search/index.js';

export const SECOND_MS = 1_000;
export const at = (minute: number) => Date.parse('2027-03-15T13:00:00Z') + minute * 60_000;
export const second = (startMs: number) => ({ startMs, endMs: startMs + SECOND_MS });

export const inSchedule = (id: string): Filter => ({ kind: 'reference', param: 'schedule', target: `Schedule/${id}` });
export const start = (prefix: 'ge' | 'lt' | 'le' | 'ne', minute: number): Filter => ({
  ...{ kind: 'date', param: 'start', prefix, range: second(at(minute)) },
});
export const all = (...of: Filter[]): Filter => ({ kind: 'all', of });
export const any = (...of: Filter[]): Filter => ({ kind: 'any', of });
export const not = (of: Filter): Filter => ({ kind: 'not', of });
/** When conditions on a status are judged. */
export const NOW = { atMs: at(-60) };
export const token = (param: string, code: string): Filter => ({ kind: 'token', param, code });
export const status = (code: string): Filter => ({ kind: 'token', param: 'status', code, ...NOW });
export const name = (match: 'starts' | 'contains' | 'exact', text: string): Filter => ({
  ...{ kind: 'string', param: 'name', text, match },
});
export const chain = (param: string, targetType: string, filter: Filter): ChainLeaf => ({
  ...{ kind: 'chain', param, targetType, filter },
});

/** What resources of another type refer to. */
export const referredBy = (sourceType: string, by: string, targetType: string, filter: Filter): HasLeaf => ({
  ...{ kind: 'has', sourceType, by, targetType, filter },
});

/** A condition on one value of a parameter, as the documents have it. */
export const has = (param: string, test: object) => ({ [`values.${param}`]: { $elemMatch: test } });

/** The same where values hold for a time: it has no bound, or holds now. */
export const hasNow = (param: string, test: object) =>
  has(param, { ...test, fromMs: { $not: { $gt: NOW.atMs } }, untilMs: { $not: { $lte: NOW.atMs } } });

/** `lo` of the values of a parameter that hold now. */
export const valuesNow = (param: string) => ({
  $map: {
    input: {
      $filter: {
        input: { $ifNull: [`$values.${param}`, []] },
        as: 'value',
        cond: {
          $and: [
            { $lte: [{ $ifNull: ['$$value.fromMs', NOW.atMs] }, NOW.atMs] },
            { $gt: [{ $ifNull: ['$$value.untilMs', 8_640_000_000_000_000] }, NOW.atMs] },
          ],
        },
      },
    },
    as: 'value',
    in: '$$value.lo',
  },
});
