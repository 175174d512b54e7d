import { DEMO_SCHEDULE } from './demo/load-demo.js';
import { VERSION } from './version.js';

interface BannerFacts {
  readonly host: string;
  readonly port: number;
  readonly baseUrl: string | undefined;
  /** Without secrets. */
  readonly storeUrl: string;
  readonly demo: boolean;
}

/** What a person needs to go on: the address, the store, one request and the next command. */
export function banner({ host, port, baseUrl, storeUrl, demo }: BannerFacts): string {
  const address = baseUrl ?? `http://${reachable(host)}:${port}`;
  const [request, next] = demo
    ? [`${address}/Slot?schedule=${DEMO_SCHEDULE}&duration=30`, `curl '${address}/Schedule'`]
    : [`${address}/Slot`, `npx fhir-slots load fixtures/demo/*.json --store-url ${storeUrl}`];
  return [
    `fhir-slots ${VERSION} listens on ${address}`,
    `Store: ${storeUrl}`,
    `Free times: curl '${request}'`,
    `Try next:   ${next}`,
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

/** An address that a browser on this machine can open. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
