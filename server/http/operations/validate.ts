import type { OperationOutcomeIssue } from 'fhir/r4.js';
import { Fault, fault } from '../../base/fault.js';
import type { ValidationRequest, Validations } from '../../booking/index.js';
import { outcomeOf, textOf, type Parameter } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { remarksOutcome } from '../remarks-outcome.js';
import { named, optional, readStandardInput, type OperationInput } from './operation-input.js';

/** Whether each may come again. */
const PARAMETERS = new Map([
  ['resource', false],
  ['mode', false],
  ['profile', true],
]);

const MODES = ['create', 'update', 'delete', 'profile'] as const;

/**
 * `POST [base]/[type]/$validate`, `GET` and `POST [base]/[type]/[id]/$validate`:
 * https://hl7.org/fhir/R4/resource-operation-validate.html
 *
 * 200 an OperationOutcome, whose errors are what a write would be refused for · 400 the question cannot be read ·
 * 404, 410 there is no resource to judge
 */
export function validate(validations: Validations): Handler {
  return async (exchange) => {
    const { type, id } = exchange.path;
    const input = readStandardInput(exchange, PARAMETERS, true);
    const profiles = named(input, 'profile').map(textOf);
    const asked = { type, ...(id !== '' && { id }), ...optional(input, 'mode', 'mode', modeOf), ...bodyOf(input) };
    const { faults, unknownProfiles } = await validations.validate({ ...asked, profiles }, exchange.context);
    const errors = faults.length > 0 ? outcomeOf(new Fault(faults)).body.issue : ['All OK'];
    const unchecked = unknownProfiles.map((profile) => uncheckedIssue(type, profile));
    return { status: 200, text: remarksOutcome([...errors, ...unchecked, ...input.notices]) };
  };
}

function modeOf(parameter: Parameter): (typeof MODES)[number] {
  const found = MODES.find((mode) => mode === textOf(parameter));
  if (!found) throw fault('invalid', `The parameter mode is one of ${MODES.join(', ')}.`, parameter.place);
  return found;
}

/** @throws {Fault} `invalid` for a parameter that holds no resource */
function bodyOf(input: OperationInput): Pick<ValidationRequest, 'body'> {
  if (input.bare) return { body: input.bare };
  const [parameter] = named(input, 'resource');
  if (parameter && !parameter.resource) throw fault('invalid', 'The parameter holds no resource.', parameter.place);
  return parameter?.resource ? { body: parameter.resource } : {};
}

function uncheckedIssue(type: string, profile: string): OperationOutcomeIssue {
  const text = `The profile ${profile} is not known here: nothing was checked against it.`;
  const expression = [`${type}.meta.profile`];
  return { severity: 'warning', code: 'not-supported', details: { text }, diagnostics: text, expression };
}
