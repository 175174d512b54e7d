import type { Extension } from 'fhir/r4.js';
import type { Reason } from '../base/fault.js';

/** How often a part may stand, and which `value[x]` it carries; without `value` it holds parts of its own. */
export interface PartRule {
  readonly max: number;
  readonly value?: keyof Extension;
}

/** One part of an extension, with the FHIRPath under which a refusal names it. */
export interface Part {
  readonly extension: Extension;
  readonly path: string;
}

/** The parts of one complex extension by their `url`, and what is wrong with how they are put together. */
export class Parts<Name extends string> {
  readonly #byName = new Map<Name, Part[]>();

  /** @param refusals what is wrong is added here, one reason an offending part */
  constructor(
    whole: Part,
    table: Record<Name, PartRule>,
    readonly refusals: Reason[],
  ) {
    const values = Object.keys(whole.extension).filter((name) => /^_?value[A-Z]/.test(name));
    if (values.length > 0 || !whole.extension.extension)
      this.refuse(whole.path, 'It has parts, and no value of its own.');
    for (const [index, extension] of (whole.extension.extension ?? []).entries()) {
      const path = `${whole.path}.extension[${index}]`;
      const rule = Object.hasOwn(table, extension.url) ? table[extension.url as Name] : undefined;
      if (!rule) {
        this.refuse(path, `'${extension.url}' is no part of it; known are ${Object.keys(table).join(', ')}.`);
        continue;
      }
      const found = this.#byName.get(extension.url as Name) ?? [];
      if (found.length === rule.max) {
        this.refuse(path, `'${extension.url}' may stand ${rule.max === 1 ? 'once only' : `${rule.max} times`}.`);
      } else if (rule.value ? extension[rule.value] === undefined : !extension.extension) {
        this.refuse(path, `'${extension.url}' needs ${rule.value ?? 'parts of its own'}.`);
      } else {
        this.#byName.set(extension.url as Name, [...found, { extension, path }]);
      }
    }
  }

  all(name: Name): readonly Part[] {
    return this.#byName.get(name) ?? [];
  }

  one(name: Name): Part | undefined {
    return this.#byName.get(name)?.[0];
  }

  refuse(path: string, message: string): void {
    this.refusals.push({ kind: 'rule', expression: path, message });
  }
}
