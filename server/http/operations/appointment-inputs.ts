import type { Appointment } from 'fhir/r4.js';
import { Fault, fault } from '../../base/fault.js';
import type { AppointmentInput, BookRequest, NamedResource } from '../../booking/index.js';
import {
  idOf,
  namedResource,
  resourceOf,
  validateResource,
  type Parameter,
  type ParsedJson,
} from '../../fhir/index.js';
import { named, type OperationInput } from './operation-input.js';

/**
 * How the answer to `$hold` and `$book` looks, by how the Appointment was named: IHE and Argonaut get a searchset,
 * who sent a bare Appointment gets one, Medplum gets a transaction-response.
 */
export type AnswerForm = 'searchset' | 'bare' | 'transaction-response';

interface AskedFor {
  /** One, or a list of which all or none is done. */
  readonly appointments: readonly [AppointmentInput, ...AppointmentInput[]];
  readonly form: AnswerForm;
  readonly patientRequired: boolean;
}

/** What one parameter names. */
interface Item {
  readonly place: string;
  readonly id?: string | undefined;
  readonly resource?: ParsedJson | undefined;
}

const BY_ID = ['appointment-reference', 'appt-id'];
const BY_RESOURCE = ['appointment-resource', 'appt-resource', 'appointment'];

/**
 * The Appointments that a request for `$hold` or `$book` names: by the id in the URL, by reference, or as resources.
 * A name that comes twice makes a list; different names say the same Appointment, and must agree.
 *
 * @throws {Fault} `required` where none is named; `invalid` where names disagree, or a resource is not valid
 */
export function appointmentsAskedFor(input: OperationInput): AskedFor {
  const { path } = input.exchange;
  const parameters = named(input, ...BY_ID, ...BY_RESOURCE);
  const ofUrl: readonly Item[] = path.id === '' ? [] : [{ place: 'id', id: path.id }];
  const items = [...ofUrl, ...bareItem(input), ...parameters.map((parameter) => itemOf(parameter, input))];
  const names = new Set(parameters.map(({ name }) => name));
  const isList = names.size < parameters.length;
  if (isList && path.id !== '') throw fault('invalid', 'A list of Appointments goes to the type, not to one.', 'id');
  const [first, ...rest] = items;
  return {
    appointments: isList && first ? [inputOf(first), ...rest.map(inputOf)] : [onlyOne(items)],
    form: input.bare ? 'bare' : names.has('appointment') ? 'transaction-response' : 'searchset',
    patientRequired: input.bare !== undefined || names.has('appt-resource'),
  };
}

/** Who else takes part, and whose time it is. */
export function schedulesAndPatients(input: OperationInput): Pick<BookRequest, 'schedules' | 'patients'> {
  const patients = named(input, 'patient-reference', 'patient-id');
  return {
    schedules: named(input, 'schedule').map((one) => resourceNamed(one, 'Schedule', input)),
    patients: patients.map((one) => resourceNamed(one, 'Patient', input)),
  };
}

function resourceNamed(parameter: Parameter, type: string, { exchange }: OperationInput): NamedResource {
  return namedResource(parameter, type, exchange.context.base);
}

function bareItem({ bare, exchange }: OperationInput): readonly Item[] {
  if (!bare) return [];
  const reasons = validateResource(bare.plain, 'Appointment', [exchange.context.base], bare.exact);
  if (reasons.length > 0) throw new Fault(reasons);
  return [{ place: 'Appointment.id', ...identified(bare) }];
}

function itemOf(parameter: Parameter, { exchange }: OperationInput): Item {
  const { place } = parameter;
  const { base } = exchange.context;
  if (BY_ID.includes(parameter.name)) return { place, id: idOf(parameter, 'Appointment', base) };
  return { place, ...identified(resourceOf(parameter, ['Appointment'], base)) };
}

function identified(resource: ParsedJson): Omit<Item, 'place'> {
  return { id: (resource.plain as Appointment).id, resource };
}

/** What all items name together. */
function onlyOne(items: readonly Item[]): AppointmentInput {
  const [first, ...others] = items.filter(({ id }) => id !== undefined);
  const other = others.find(({ id }) => id !== first?.id);
  if (other) throw fault('invalid', `This names another Appointment than ${first?.place ?? ''} does.`, other.place);
  const [whole, second] = items.filter(({ resource }) => resource !== undefined);
  if (second) throw fault('invalid', 'Give the Appointment as one resource.', second.place);
  return inputOf({ id: first?.id, resource: whole?.resource });
}

/** @throws {Fault} `required` where nothing is named */
function inputOf({ id, resource }: Omit<Item, 'place'>): AppointmentInput {
  if (resource) {
    const add = (tree: unknown) => (id === undefined ? tree : { ...(tree as object), id });
    return { resource: add(resource.plain) as Appointment, exact: add(resource.exact) };
  }
  if (id !== undefined) return { id };
  throw fault('required', 'Name the Appointment: by appointment-reference, or as a resource.', 'Parameters.parameter');
}
