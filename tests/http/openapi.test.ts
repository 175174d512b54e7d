/** `GET /openapi.json`: valid, and exact both ways against what the router opens and what `/metadata` claims. */
import { execFileSync } from 'node:child_process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Express } from 'express';
import type { CapabilityStatement } from 'fhir/r4.js';
import request from 'supertest';
import { fault } from '../../server/base/fault.js';
import type { Bookings } from '../../server/booking/index.js';
import { MOUNTED } from '../../server/http/mounted.js';
import { mediaTypesOf } from '../../server/http/request-body.js';
import { fakeServer, fakeServices } from './fake-services.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Services of booking that refuse all, so that a request to a mounted operation gets as far as them. */
const refusing = new Proxy({} as Bookings, {
  get: () => () => Promise.reject(fault('rule', 'Nothing is booked here.')),
});

const server = fakeServer({}, { ...fakeServices(), bookings: refusing });
let text: string;
let document: Document;
beforeAll(async () => {
  ({ text } = await request(server).get('/openapi.json').set('Host', 'slots.example').set('Accept', 'text/html'));
  document = JSON.parse(text) as Document;
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the document', () => {
  test('is valid OpenAPI 3.1', () => {
    const program = `
      import { Validator } from '@seriousme/openapi-schema-validator';
      import { readFileSync } from 'node:fs';
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(readFileSync(0, 'utf8')));
      console.log(JSON.stringify([validator.version, valid, errors ?? []]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { input: text });
    expect(JSON.parse(said.toString())).toEqual(['3.1', true, []]);
  });

  test('names the host that it was asked under, whatever is accepted, and is of modest size', () => {
    expect([document.openapi, document.servers]).toEqual(['3.1.1', [{ url: 'http://slots.example' }]]);
    expect(text.length).toBeLessThan(700_000);
  });

  test('every reference leads somewhere, and every component is referred to', () => {
    const references = new Set([...text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(([, place]) => place));
    const components = Object.entries(document.components)
      .filter(([part]) => part !== 'securitySchemes')
      .flatMap(([part, named]) => Object.keys(named).map((name) => `${part}/${name}`));
    expect([...references].filter((place) => !components.includes(place ?? ''))).toEqual([]);
    expect(components.filter((place) => !references.has(place))).toEqual([]);
  });

  test('every schema is one of JSON Schema 2020-12, and tells a Slot from what is none', () => {
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(document, 'openapi');
    for (const name of Object.keys(document.components['schemas'] ?? {})) {
      expect(typeof ajv.getSchema(`openapi#/components/schemas/${name}`)).toBe('function');
    }
    const isSlot = ajv.getSchema('openapi#/components/schemas/Slot');
    const slot = { resourceType: 'Slot', schedule: { reference: 'Schedule/1' }, status: 'free' };
    expect([isSlot?.(slot), isSlot?.({ ...slot, status: 'open' })]).toEqual([true, false]);
  });

  test('no two operations share a name', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('exact both ways', () => {
  test('what the router opens is what the document lists', async () => {
    const listed = new Set(operations().map(({ method, path }) => `${method} ${path}`));
    const places = [...new Set(placesOf(server.app))];
    const open: string[] = [];
    for (const place of places) {
      const [method = '', path = ''] = place.split(' ');
      const answer = await request(server)[method as 'get'](path.replace(/\{\w+\}/g, '1'));
      const nothing = answer.status === 405 || answer.text.includes('There is nothing at');
      if (!nothing) open.push(place);
    }
    expect(open.filter((place) => !listed.has(place))).toEqual([]);
    expect([...listed].filter((place) => !open.includes(place))).toEqual([]);
  });

  test('what /metadata claims of each type, the document lists, and no more', async () => {
    const answer = await request(server).get('/metadata');
    const { rest } = JSON.parse(answer.text) as CapabilityStatement;
    for (const { type, searchParam = [], operation = [] } of rest?.[0]?.resource ?? []) {
      const ofType = operations().filter(({ path }) => path.split('/')[1] === type);
      const search = ofType.find(({ path, method }) => method === 'get' && path === `/${type}`)?.operation;
      const names = (search?.parameters ?? []).map(nameOf).filter((name) => !isResult(name));
      expect([type, names.sort()]).toEqual([type, searchParam.map(({ name }) => name).sort()]);
      const codes = ofType.flatMap(({ path }) => /\$(.+)$/.exec(path)?.[1] ?? []);
      expect([type, [...new Set(codes)].sort()]).toEqual([type, operation.map(({ name }) => name).sort()]);
    }
  });

  test.each([
    ['a resource', '/Slot', 'post', 'resource'],
    ['a patch', '/Slot/{id}', 'patch', 'patch'],
    ['a form', '/Slot/_search', 'post', 'form'],
  ] as const)('the media types of %s are those that are read', (_, path, method, kind) => {
    const content = document.paths[path]?.[method]?.requestBody?.content ?? {};
    expect(Object.keys(content)).toEqual(mediaTypesOf(kind));
  });
});

/** What the search parameters stand among. */
function isResult(name: string): boolean {
  const others = ['_format', '_pretty', '_count', '_sort', '_total', '_summary', '_elements', '_after', 'Prefer'];
  return [...others, '_include', '_revinclude'].includes(name);
}

function nameOf({ $ref, name }: { readonly $ref?: string; readonly name?: string }): string {
  if ($ref === undefined) return name ?? '';
  const component = document.components['parameters']?.[$ref.replace('#/components/parameters/', '')];
  return (component as { readonly name: string }).name;
}

interface Layer {
  readonly route?: {
    readonly path: string | readonly string[];
    readonly stack: readonly { readonly method?: string }[];
  };
}

/** Every method of every path that is mounted, with each type in place of `:type`, and one that nobody has. */
function placesOf(app: Express): readonly string[] {
  const routes = (app.router.stack as readonly Layer[]).flatMap(({ route }) => route ?? []);
  return routes.flatMap(({ path, stack }) => {
    const methods = stack.flatMap(({ method }) => method ?? []);
    const paths = [path].flat().filter((one) => !one.includes('%24'));
    return paths.flatMap((one) => {
      const types = one.includes(':type') ? [...MOUNTED.keys(), 'Nobody'] : [''];
      const whole = types.map((type) =>
        one
          .replace(':type', type)
          .replace(/:(\w+)/g, '{$1}')
          .replace('\\*', '*'),
      );
      return whole.flatMap((place) => methods.map((method) => `${method} ${place}`));
    });
  });
}
