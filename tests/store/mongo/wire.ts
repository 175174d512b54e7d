/**
 * MongoDB's wire protocol, as far as tests look into it or speak it: OP_MSG, and the OP_QUERY with which a driver says
 * hello. https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md
 */
import { BSON, type Document } from 'mongodb';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
/** Flag of an OP_MSG that ends with a checksum. */
const CHECKSUM_PRESENT = 1;
const CHECKSUM_BYTES = 4;

/** Cuts a stream of bytes into messages. */
export class MessageCutter {
  #rest = Buffer.alloc(0);

  /** The messages that these bytes complete. */
  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    while (this.#rest.length >= HEADER_BYTES && this.#rest.length >= this.#rest.readInt32LE(0)) {
      const length = this.#rest.readInt32LE(0);
      messages.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return messages;
  }
}

/** The command in a message of a driver, with its documents (`documents`, `updates`, `deletes`) in their places. */
export function commandIn(message: Buffer): Document {
  const opCode = message.readInt32LE(12);
  if (opCode === OP_QUERY) {
    const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
    return documentAt(message, nameEnd + 1 + 8);
  }
  if (opCode !== OP_MSG) throw new Error(`A message of kind ${opCode} is none of a test.`);
  const hasChecksum = (message.readUInt32LE(HEADER_BYTES) & CHECKSUM_PRESENT) !== 0;
  return sectionsOf(message, message.length - (hasChecksum ? CHECKSUM_BYTES : 0));
}

function sectionsOf(message: Buffer, end: number): Document {
  const command: Document = {};
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = message.readUInt8(at);
    const length = message.readInt32LE(at + 1);
    if (kind === 0) Object.assign(command, documentAt(message, at + 1));
    else {
      const nameEnd = message.indexOf(0, at + 5);
      const documents: Document[] = [];
      for (let next = nameEnd + 1; next < at + 1 + length; next += message.readInt32LE(next)) {
        documents.push(documentAt(message, next));
      }
      command[message.toString('utf8', at + 5, nameEnd)] = documents;
    }
    at += 1 + length;
  }
  return command;
}

function documentAt(message: Buffer, at: number): Document {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}

/** The first name in a command: what it is. */
export function nameOf(command: Document): string {
  return Object.keys(command)[0] ?? '';
}

/** Whether the driver only looks at the server, or opens a connection. */
export function isLook(command: Document): boolean {
  return ['hello', 'isMaster', 'ismaster', 'ping', 'endSessions'].includes(nameOf(command));
}

/** The message that answers a message. */
export function replyTo(message: Buffer, answer: Document): Buffer {
  const body = Buffer.from(BSON.serialize(answer));
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  // OP_REPLY: flags, a cursor, where it starts, how many documents. OP_MSG: flags, and one section of kind 0.
  const head = isQuery ? Buffer.alloc(20) : Buffer.alloc(5);
  if (isQuery) head.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + head.length + body.length, 0);
  header.writeInt32LE(message.readInt32LE(4), 8);
  header.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, head, body]);
}
