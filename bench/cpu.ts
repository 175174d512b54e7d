import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts in: see sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;
/** What a MongoDB database consists of, where it runs on this machine: its own server, or the stand-in. */
const DATABASE_NAMES: ReadonlySet<string> = new Set(['mongod', 'mongos', 'ferretdb', 'postgres']);

/** Seconds of processor time since each process began; of all processors since the machine began. */
export interface CpuTimes {
  readonly load: number;
  readonly servers: readonly number[];
  readonly database: number;
  readonly machine: number;
}

/** What was used so far, by this process, by some others, by the database if it is here, and by all there is. */
export function cpuTimes(serverPids: readonly number[]): CpuTimes {
  const { user, system } = process.cpuUsage();
  return {
    load: (user + system) / 1_000_000,
    servers: serverPids.map((pid) => secondsOf(String(pid), () => true)),
    database: readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .reduce((sum, pid) => sum + secondsOf(pid, (name) => DATABASE_NAMES.has(name)), 0),
    machine: machineSeconds(),
  };
}

/** 0 for a process that has gone meanwhile, and for one whose name is not asked for. Its children count when gone. */
function secondsOf(pid: string, isAsked: (name: string) => boolean): number {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    if (!isAsked(name)) return 0;
    // utime, stime, cutime and cstime: the 14th to the 17th field of proc(5), of which `rest` lacks the first two.
    return sumOf(rest.split(' ').slice(11, 15)) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** user, nice, system, and irq, softirq, steal: all but idle and waiting for disks. */
function machineSeconds(): number {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  return sumOf([...fields.slice(0, 3), ...fields.slice(5, 8)]) / TICKS_PER_SECOND;
}

function sumOf(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Number(field), 0);
}
