import { goJson } from '../../expressions/jsonpath/go-json.ts';
import { firstHeader, type OpenEvent, readAs } from '../open-event.ts';
import {
  brokenInterceptor,
  type Interceptor,
  type InterceptorAnswer,
  type InterceptorFactory,
  type Refusal,
  stop,
  unverifiedWarnings,
  wrong,
} from './interceptor.ts';
import { readParams } from './params.ts';
import { signatureCheck } from './signature-check.ts';
import { slackDialogue } from './slack-dialogue.ts';
import { type Fields, formFields, jsonFields, overlappingPaths, readConvertedForm } from './slack-fields.ts';
import { commandOf, formType, readSlackRequest } from './slack-request.ts';
import { slackScheme, slackSignatureHeader } from './slack-signature.ts';

const noFields = 'missing requested field definition';

interface SlackParams {
  readonly requestedFields: readonly string[] | undefined;
  /** Ours: the slash commands that are let through; absent: everything. */
  readonly commands: readonly string[] | undefined;
}

/**
 * Without a secret upstream's interceptor, its checks, words and order (reference/triggers.md 2.5): forms only, whose signature has to be there
 * and is not verified. With our `secretRef`, the app's signing secret, every request is verified, the Events API's JSON is taken as well, and
 * `requestedFields` may be left out.
 */
export const slack: InterceptorFactory = (params, { namespace }): Interceptor => {
  const read = readParams(params, (fields) => ({
    secretRefs: fields.secretRefs(),
    requestedFields: fields.strings('requestedFields'),
    commands: fields.strings('commands'),
    acknowledgement: fields.string('acknowledgement'),
  }));
  if (!read.ok) return brokenInterceptor('slack', 'InvalidArgument', read.message);
  const { secretRefs, commands, acknowledgement } = read.params;
  const overlap = secretRefs && overlappingPaths(read.params.requestedFields ?? []);
  if (overlap !== undefined) {
    const message = `requestedFields: ${overlap[0]} holds ${overlap[1]}, expected one of them: the extensions have room for one`;
    return brokenInterceptor('slack', 'InvalidArgument', message);
  }

  const signature = secretRefs && signatureCheck(slackScheme, namespace, secretRefs);
  const answers = signature !== undefined || acknowledgement !== undefined;
  return {
    name: 'slack',
    signature,
    dialogue: answers ? slackDialogue({ signature, commands, acknowledgement }) : undefined,
    defect: signature === undefined && read.params.requestedFields === undefined ? `slack: ${noFields}` : undefined,
    warnings: unverifiedWarnings('slack', signature !== undefined),
    conditions: [],
    async intercept({ event, outside }) {
      if (signature === undefined) return interceptUnsigned(event, read.params);
      return (await signature.refuse(event, outside)) ?? interceptSigned(event, read.params);
    },
  };
};

function interceptSigned(event: OpenEvent, { requestedFields = [], commands }: SlackParams): InterceptorAnswer {
  const request = readSlackRequest(event);
  switch (request.kind) {
    case 'form': {
      const answered = refuseCommand(request.command, commands) ?? answer(formFields(request.form, requestedFields, request.payload));
      // Upstream's conversion leaves a form of one field as it is, and neither CEL nor bindings could read it. Nothing an index may know of the
      // event changes by it: the body had no values, and has a list now.
      if (answered.outcome !== 'continue' || request.form.size !== 1) return answered;
      return { ...answered, event: readAs(event, goJson(request.form)) };
    }
    case 'json':
      return refuseCommand(undefined, commands) ?? answer(jsonFields(request.body, requestedFields));
    case 'neither':
      return stop('InvalidArgument', `failed to unmarshl slack payload: neither a JSON object nor a form (Content-Type ${formType})`);
  }
}

function interceptUnsigned(event: OpenEvent, { requestedFields, commands }: SlackParams): InterceptorAnswer {
  if (firstHeader(event, 'Content-Type') !== formType || firstHeader(event, slackSignatureHeader) === '') {
    return stop('InvalidArgument', `missing header in payload: ContentType ${formType}`);
  }
  const read = readConvertedForm(event.json());
  if (!read.ok) return stop('InvalidArgument', `failed to unmarshl slack payload: ${read.error}`);
  if (requestedFields === undefined) return wrong('NotFound', noFields);
  return refuseCommand(commandOf(read.form), commands) ?? answer(formFields(read.form, requestedFields));
}

/** With a list of commands, what is no command at all is not for this trigger either. */
function refuseCommand(command: string | undefined, allowed: readonly string[] | undefined): Refusal | undefined {
  if (allowed === undefined || (command !== undefined && allowed.includes(command))) return undefined;
  const what = command === undefined ? 'no slash command' : `command ${command.slice(0, 100)} is not allowed`;
  return stop('FailedPrecondition', `${what}, expected ${allowed.length === 0 ? 'nothing: the list is empty' : allowed.join(' or ')}`);
}

function answer(fields: Fields): InterceptorAnswer {
  if (!fields.ok) return stop('NotFound', fields.message);
  return { outcome: 'continue', extensions: fields.extensions };
}
