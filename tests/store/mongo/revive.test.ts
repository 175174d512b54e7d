/** A client that waits for ever for a socket is closed and connected anew. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { reviveWhenStuck, STUCK_MS_MAX, type Revivable } from '../../../server/store/mongo/revive.js';

/** Longer than two looks. */
const SOON_MS = 5_000;
const SERVER = { connectionId: 'a:27017' };
const CONNECTION = { address: 'a:27017', connectionId: 7 };

class FakeClient extends EventEmitter {
  readonly calls: string[] = [];
  failures = 0;

  close() {
    this.calls.push('close');
    return Promise.resolve();
  }

  connect() {
    this.calls.push('connect');
    this.failures -= 1;
    return this.failures >= 0 ? Promise.reject(new Error('away')) : Promise.resolve(this);
  }
}

let client: FakeClient;
let endWatch: () => void;

beforeEach(() => {
  jest.useFakeTimers();
  client = new FakeClient();
  endWatch = reviveWhenStuck(client as unknown as Revivable);
});

afterEach(() => {
  endWatch();
  jest.useRealTimers();
});

const after = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a client is left alone', () => {
  test.each(['serverHeartbeatSucceeded', 'serverHeartbeatFailed'])('whose look ended: %s', async (ended) => {
    client.emit('serverHeartbeatStarted', SERVER);
    await after(STUCK_MS_MAX - 1);
    client.emit(ended, SERVER);
    await after(10 * STUCK_MS_MAX);
    expect(client.calls).toEqual([]);
  });

  test('whose server is no longer looked at', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    client.emit('serverClosed', { address: 'a:27017' });
    await after(10 * STUCK_MS_MAX);
    expect(client.calls).toEqual([]);
  });

  test.each(['connectionReady', 'connectionClosed'])('whose connection was made or given up: %s', async (ended) => {
    client.emit('connectionCreated', CONNECTION);
    client.emit(ended, CONNECTION);
    await after(10 * STUCK_MS_MAX);
    expect(client.calls).toEqual([]);
  });

  test('STUCK_MS_MAX: before that time, and seen late but once', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    await after(STUCK_MS_MAX + 2_500);
    client.emit('serverHeartbeatSucceeded', SERVER);
    await after(SOON_MS);
    expect(client.calls).toEqual([]);
  });

  test('when its watch has ended', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    endWatch();
    await after(10 * STUCK_MS_MAX);
    expect(client.calls).toEqual([]);
  });
});

describe('a client is closed and connected anew, once', () => {
  test('whose look at a server does not end', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    await after(STUCK_MS_MAX + SOON_MS);
    expect(client.calls).toEqual(['close', 'connect']);
    await after(10 * STUCK_MS_MAX);
    expect(client.calls).toEqual(['close', 'connect']);
  });

  test('whose connection is not made, whatever becomes of others', async () => {
    client.emit('connectionCreated', CONNECTION);
    client.emit('connectionCreated', { ...CONNECTION, connectionId: 8 });
    client.emit('connectionReady', { ...CONNECTION, connectionId: 8 });
    await after(STUCK_MS_MAX + SOON_MS);
    expect(client.calls).toEqual(['close', 'connect']);
  });

  test('again while the server is still away', async () => {
    client.failures = 2;
    client.emit('serverHeartbeatStarted', SERVER);
    await after(STUCK_MS_MAX + 2 * SOON_MS);
    expect(client.calls).toEqual(['close', 'connect', 'close', 'connect', 'close', 'connect']);
  });
});
