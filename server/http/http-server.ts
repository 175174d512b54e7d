import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { fault } from '../base/fault.js';
import { outcomeOf } from '../fhir/index.js';
import { sendAnswer } from './send-answer.js';

/** Request line and headers together; twice Node's default, for long queries. */
export const HEADER_BYTES_MAX = 32_768;

/**
 * A server for an Express app. Express gives each request and response the app's prototypes, and changing the
 * prototype of a live object is slow; here they are born with them, so that the change is none: four times the
 * requests of `app.listen`. The app must be the outermost one, since a mounted app brings prototypes of its own.
 */
export function makeHttpServer(app: Express): Server {
  class Incoming extends IncomingMessage {}
  class Outgoing extends ServerResponse {}
  Object.setPrototypeOf(Incoming.prototype, app.request);
  Object.setPrototypeOf(Outgoing.prototype, app.response);
  Object.assign(app, { request: Incoming.prototype, response: Outgoing.prototype });
  const server = createServer(
    // A request without Host is refused by our own door, in FHIR's words.
    { IncomingMessage: Incoming, ServerResponse: Outgoing, maxHeaderSize: HEADER_BYTES_MAX, requireHostHeader: false },
    app,
  );
  server.on('clientError', refuseUnreadable);
  server.on('checkExpectation', refuseExpectation);
  return server;
}

/** Of HTTP alone: no Fault below stands for it. */
const EXPECTATION_FAILED = 417;

/** Any `Expect` but `100-continue`, which Node answers itself: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1 */
function refuseExpectation(_req: IncomingMessage, res: ServerResponse): void {
  const { body } = outcomeOf(fault('not-supported', 'Of expectations, only 100-continue is met here.', 'Expect'));
  // The body that was to follow may never come.
  res.setHeader('Connection', 'close');
  sendAnswer(res, { status: EXPECTATION_FAILED, text: JSON.stringify(body) }, 'application/fhir+json');
}

/** Statuses of requests that Node could not read, by Node's error code; all others are 400. */
const UNREADABLE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** No request was made of these bytes, so the answer is written to the socket by hand. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = UNREADABLE[error.code ?? ''] ?? '400 Bad Request';
  const text = JSON.stringify(outcomeOf(fault('malformed', `This is not readable as HTTP: ${status}.`)).body);
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
