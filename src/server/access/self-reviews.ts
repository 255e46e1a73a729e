import type { Express, Request, Response } from 'express';
import { z } from '../../resources/zod.ts';
import { badRequest } from '../api/api-error.ts';
import { readJson } from '../api/json-request.ts';
import type { Principal } from './principal.ts';
import type { RequestAttributes, Verb } from './request-attributes.ts';
import { allows, grants, rolesUpTo } from './roles.ts';

const resourceAttributes = z.looseObject({
  namespace: z.string().default(''),
  verb: z.string().default(''),
  group: z.string().default(''),
  resource: z.string().default(''),
  subresource: z.string().default(''),
  name: z.string().default(''),
});

const accessReview = z.looseObject({
  spec: z.looseObject({
    resourceAttributes: resourceAttributes.optional(),
    nonResourceAttributes: z.looseObject({ path: z.string().default('/'), verb: z.string().default('get') }).optional(),
  }),
});

/** What `kubectl auth can-i`, `kubectl auth whoami` and k9s ask: may I, and who am I. */
export function serveSelfReviews(app: Express): void {
  const authorization = '/apis/authorization.k8s.io/v1';
  app.post(`${authorization}/selfsubjectaccessreviews`, async (request, response) => {
    const review = await bodyOf(request);
    const principal = principalOf(response);
    const allowed = allows(principal, askedFor(review));
    const reason = `${principal.name} has the role ${principal.role}`;
    answer(response, 'authorization.k8s.io/v1', 'SelfSubjectAccessReview', { spec: review.spec, status: { allowed, reason } });
  });
  app.post(`${authorization}/selfsubjectrulesreviews`, async (request, response) => {
    await readJson(request, ['application/json']);
    const status = { resourceRules: rulesOf(principalOf(response)), nonResourceRules: [], incomplete: false };
    answer(response, 'authorization.k8s.io/v1', 'SelfSubjectRulesReview', { spec: {}, status });
  });
  app.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', async (request, response) => {
    await readJson(request, ['application/json']);
    const { name, role, namespace } = principalOf(response);
    const groups = [`tappet:${role}`, ...(namespace === undefined ? [] : [`tappet:${role}:${namespace}`])];
    answer(response, 'authentication.k8s.io/v1', 'SelfSubjectReview', { status: { userInfo: { username: name, groups } } });
  });
}

function principalOf(response: Response): Principal {
  return response.locals['principal'];
}

async function bodyOf(request: Request): Promise<z.infer<typeof accessReview>> {
  const parsed = accessReview.safeParse(await readJson(request, ['application/json']));
  if (parsed.success) return parsed.data;
  throw badRequest(
    `invalid SelfSubjectAccessReview: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
}

/** `*` as verb or resource asks for all of them, which only who may do everything has; so does a verb that is not known here. */
function askedFor({ spec }: z.infer<typeof accessReview>): RequestAttributes {
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  if (asked === undefined) return { verb: (path?.verb ?? 'get') as Verb, path: path?.path ?? '/' };
  const { verb, group, resource, subresource, namespace, name } = asked;
  const given = { subresource, namespace, name };
  const some = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return { verb: verb as Verb, path: '', resource: { group, version: '', resource, ...some } };
}

function rulesOf({ role }: Principal): readonly unknown[] {
  if (role === 'admin') return [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
  return rolesUpTo(role).flatMap((each) => grants[each].map(({ verbs, group, resources }) => ({ verbs, apiGroups: [group], resources })));
}

function answer(response: Response, apiVersion: string, kind: string, content: object): void {
  response.status(201).json({ kind, apiVersion, metadata: {}, ...content });
}
