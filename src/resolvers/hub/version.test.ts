import { expect, it } from 'vitest';
import { compareVersions, formatVersion, parseConstraint, parseVersion } from './version.ts';

// Rows of hashicorp/go-version's own tests: constraint_test.go, version_test.go.
it.each([
  ['>= 1.0', '1.1', true],
  ['>= 1.0, < 1.2', '1.1.5', true],
  ['< 1.0, < 1.2', '1.1.5', false],
  ['= 1.0', '1.1.5', false],
  ['= 1.0', '1.0.0', true],
  ['1.0', '1.0.0', true],
  ['~> 1.0', '2.0', false],
  ['~> 1.0', '1.1', true],
  ['~> 1.0', '1.2.3', true],
  ['~> 1.0.0', '1.2.3', false],
  ['~> 1.0.0', '1.0.7', true],
  ['~> 1.0.0', '1.1.0', false],
  ['~> 1.0.7', '1.0.4', false],
  ['~> 1.0.7', '1.0.7', true],
  ['~> 1.0.7', '1.0.8', true],
  ['~> 1.0.7', '1.0.7.5', true],
  ['~> 1.0.7', '1.0.6.99', false],
  ['~> 1.0.7', '1.0.8.0', true],
  ['~> 1.0.9.5', '1.0.9.5', true],
  ['~> 1.0.9.5', '1.0.9.4', false],
  ['~> 1.0.9.5', '1.0.9.6', true],
  ['~> 1.0.9.5', '1.0.9.5.0', true],
  ['~> 1.0.9.5', '1.0.9.5.1', true],
  ['~> 2.0', '2.1.0-beta', false],
  ['~> 2.1.0-a', '2.2.0', false],
  ['~> 2.1.0-a', '2.1.0', false],
  ['~> 2.1.0-a', '2.1.0-beta', true],
  ['~> 2.1.0-a', '2.2.0-alpha', false],
  ['> 2.0', '2.1.0-beta', false],
  ['>= 2.1.0-a', '2.1.0-beta', true],
  ['>= 2.1.0-a', '2.1.1-beta', false],
  ['>= 2.0.0', '2.1.0-beta', false],
  ['>= 2.1.0-a', '2.1.1', true],
  ['>= 2.1.0-a', '2.1.0', true],
  ['<= 2.1.0-a', '2.0.0', true],
  ['!= 1.0', '1.0.1', true],
  ['>= 0.7.0', '0.10.0', true],
])('%s takes %s: %s', (constraint, version, taken) => {
  const parsed = parseVersion(version);
  expect(parsed && parseConstraint(constraint)?.(parsed)).toBe(taken);
});

it.each(['latest', '', '>= latest', '>=', '1.0,', '1.0 1.1', '=> 1', `>= ${'1.'.repeat(200)}0`])('%j is no constraint', (text) => {
  expect(parseConstraint(text)).toBeUndefined();
});

it.each([
  ['1.2.3', '1.4.5', -1],
  ['1.2-beta', '1.2-beta', 0],
  ['1.2', '1.1.4', 1],
  ['1.2', '1.2-beta', 1],
  ['1.2+foo', '1.2+beta', 0],
  ['v1.2', 'v1.2-beta', 1],
  ['v1.2.3.4', 'v1.2.3', 1],
  ['1.7rc2', '1.7rc1', 1],
  ['1.7rc2', '1.7', -1],
  ['1.2.0', '1.2.0-X-1.2.0+metadata~dist', 1],
  ['1.2-beta.2', '1.2-beta.11', -1],
  ['1.2-beta', '1.2-beta.1', -1],
  ['1.2-alpha.beta', '1.2-alpha.1', 1],
])('%s against %s: %i', (a, b, order) => {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) throw new Error('a version that is none');
  expect(Math.sign(compareVersions(left, right))).toBe(order);
});

it.each([
  ['0.6', '0.6.0'],
  ['v1.2-rc.1+build', '1.2.0-rc.1+build'],
  ['1.2.3.4', '1.2.3.4'],
])('%s is written %s', (text, written) => {
  const version = parseVersion(text);
  expect(version && formatVersion(version)).toBe(written);
});

it.each(['', 'x', '1.', '1..2', '-1', '1.2beta!', '99999999999999999999'])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});
