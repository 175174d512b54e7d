/** https://hl7.org/fhir/R4/narrative.html#xhtml: formatting, links and images; nothing that acts. */
const ALLOWED_TAGS: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em ' +
    'h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strike strong sub sup table tbody td ' +
    'tfoot th thead tr tt u ul var'
  ).split(' '),
);

/** Attributes that would run something, on any tag. */
const ACTIVE_ATTRIBUTE = /\son[a-z]+\s*=|=\s*["']\s*(?:javascript|vbscript|data:text\/html)/i;

/** One tag, comment or CDATA section, beginning at `lastIndex`. As in XML, every attribute has a quoted value. */
const MARKUP =
  /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;

/**
 * What is wrong with the `div` of a narrative: txt-1 and txt-2, which FHIRPath cannot tell, and XML that does not
 * close what it opens.
 * Entities and the values of attributes are not looked into.
 */
export function narrativeFault(div: unknown): string | undefined {
  if (typeof div !== 'string') return 'The div of a narrative is a text of XHTML.';
  const text = div.trim();
  if (!/^<div[\s/>]/.test(text)) return 'A narrative is one <div xmlns="http://www.w3.org/1999/xhtml"> element.';

  const open: string[] = [];
  let hasContent = false;
  for (let at = 0; at < text.length;) {
    if (text[at] !== '<') {
      const next = text.indexOf('<', at);
      const end = next < 0 ? text.length : next;
      if (open.length === 0) return 'Nothing may stand outside of the <div> of a narrative.';
      hasContent ||= text.slice(at, end).trim() !== '';
      at = end;
      continue;
    }
    MARKUP.lastIndex = at;
    const match = MARKUP.exec(text);
    if (!match) return `A narrative is well-formed XML; this is not: ${text.slice(at, at + 30)}`;
    const [markup, closing, tag, attributes = '', selfClosing] = match;
    const fault = tag === undefined ? undefined : tagFault(tag, attributes);
    if (fault !== undefined) return fault;
    if (tag === 'img' || (tag === undefined && markup.startsWith('<!['))) hasContent = true;
    if (tag !== undefined && closing === '/' && open.pop() !== tag) return `</${tag}> closes what is not open.`;
    if (tag !== undefined && closing === '' && selfClosing === '') open.push(tag);
    at += markup.length;
  }
  if (open.length > 0) return `<${open.at(-1)}> is not closed.`;
  return hasContent ? undefined : 'A narrative must have some content.';
}

function tagFault(tag: string, attributes: string): string | undefined {
  if (!ALLOWED_TAGS.has(tag)) return `<${tag}> is not allowed in a narrative.`;
  return ACTIVE_ATTRIBUTE.test(attributes) ? `An attribute of <${tag}> is not allowed in a narrative.` : undefined;
}
