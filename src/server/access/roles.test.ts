import { describe, expect, it } from 'vitest';
import { type AccessRole, accessRoles } from '../../resources/access-token/schema.ts';
import { attributesOf } from './request-attributes.ts';
import { allows, leastRole } from './roles.ts';

const ns = '/namespaces/ci';

/** Method, target, and the least role it takes. */
const requests: readonly (readonly [string, string, AccessRole])[] = [
  ['GET', '/version', 'viewer'],
  ['GET', '/metrics', 'viewer'],
  ['GET', '/openapi/v3/apis/tekton.dev/v1', 'viewer'],
  ['GET', '/apis/tekton.dev/v1', 'viewer'],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'viewer'],
  ['GET', `/apis/tekton.dev/v1${ns}/pipelineruns`, 'viewer'],
  ['GET', `/apis/tekton.dev/v1${ns}/pipelineruns?watch=1`, 'viewer'],
  ['GET', `/api/v1${ns}/pods/a/log?follow=true`, 'viewer'],
  ['GET', '/apis/tappet.dev/v1alpha1/events/1/explain?trigger=a', 'viewer'],
  ['POST', `/apis/tekton.dev/v1${ns}/pipelineruns`, 'runner'],
  ['PATCH', `/apis/tekton.dev/v1${ns}/taskruns/a`, 'runner'],
  ['DELETE', `/apis/tekton.dev/v1${ns}/pipelineruns/a`, 'runner'],
  ['POST', `/apis/tappet.dev/v1alpha1${ns}/runactions`, 'runner'],
  ['POST', `/apis/tappet.dev/v1alpha1${ns}/schedules/nightly/run`, 'runner'],
  ['POST', '/apis/tappet.dev/v1alpha1/events/1/replay', 'runner'],
  ['PATCH', `/apis/tekton.dev/v1beta1${ns}/customruns/a/status`, 'approver'],
  ['PATCH', `/apis/tekton.dev/v1${ns}/taskruns/a/status`, 'admin'],
  ['GET', `/api/v1${ns}/secrets`, 'admin'],
  ['GET', `/api/v1${ns}/secrets/a?watch=true`, 'admin'],
  ['GET', '/api/v1/secrets', 'admin'],
  ['GET', '/apis/tappet.dev/v1alpha1/accesstokens', 'admin'],
  ['POST', '/apis/tappet.dev/v1alpha1/accesstokens', 'admin'],
  ['POST', `/apis/tekton.dev/v1${ns}/pipelines`, 'admin'],
  ['PATCH', `/apis/triggers.tekton.dev/v1beta1${ns}/eventlisteners/a`, 'admin'],
  ['GET', `/api/v1${ns}/pods/a/exec?command=sh`, 'admin'],
  ['POST', `/api/v1${ns}/pods/a/attach`, 'admin'],
  ['POST', '/interceptors/github', 'admin'],
  ['DELETE', '/api/v1/namespaces/ci', 'admin'],
];

describe('roles', () => {
  it.each(requests)('%s %s takes a %s', (method, url, least) => {
    const attributes = attributesOf(method, url);
    expect(leastRole(attributes)).toBe(least);
    const may = accessRoles.filter((role) => allows({ name: 'a', role }, attributes));
    expect(may).toEqual(accessRoles.slice(accessRoles.indexOf(least)));
  });

  it.each([
    ['GET', `/apis/tekton.dev/v1${ns}/taskruns`, true],
    ['GET', `/api/v1${ns}/secrets/a`, true],
    ['GET', '/api/v1/namespaces/ci', true],
    ['GET', '/apis', true],
    ['GET', '/apis/tekton.dev/v1/namespaces/other/taskruns', false],
    ['GET', '/apis/tekton.dev/v1/taskruns', false],
    ['GET', '/api/v1/namespaces', false],
    ['GET', '/metrics', false],
    ['DELETE', '/api/v1/namespaces/ci', false],
    ['POST', '/apis/tappet.dev/v1alpha1/accesstokens', false],
    ['POST', '/interceptors/github', false],
  ])('of one namespace: an admin may %s %s: %s', (method, url, expected) => {
    expect(allows({ name: 'a', role: 'admin', namespace: 'ci' }, attributesOf(method, url))).toBe(expected);
  });

  it('a path that is encoded in another way is no way round', () => {
    const viewer = { name: 'a', role: 'viewer' } as const;
    for (const path of [
      '/api/v1/%73ecrets',
      '//api//v1/namespaces/ci/secrets',
      '/api/v1/namespaces/ci/secrets/',
      '/api/v1/secrets/../pods',
    ])
      expect(allows(viewer, attributesOf('GET', path)), path).toBe(false);
  });
});
