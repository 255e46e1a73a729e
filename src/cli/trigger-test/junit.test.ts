import { describe, expect, it } from 'vitest';
import { junitXml } from './junit.ts';

describe('junitXml', () => {
  it('has a suite a file, and what failed', () => {
    expect(
      junitXml([
        { suite: 'a.yaml', name: 'one', tookMs: 12.4 },
        { suite: 'b.yaml', name: 'two', tookMs: 1_000, failure: 'first line\nsecond line' },
        { suite: 'a.yaml', name: 'three', tookMs: 0 },
      ]),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tappet trigger test" tests="3" failures="1" errors="0" time="1.012">
  <testsuite name="a.yaml" tests="2" failures="0" errors="0" time="0.012">
    <testcase classname="a.yaml" name="one" time="0.012"/>
    <testcase classname="a.yaml" name="three" time="0.000"/>
  </testsuite>
  <testsuite name="b.yaml" tests="1" failures="1" errors="0" time="1.000">
    <testcase classname="b.yaml" name="two" time="1.000">
      <failure message="first line">first line
second line</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('escapes what XML gives a meaning to, and shows what it cannot hold as something else', () => {
    const hostile = 'a<b>&"\'\t\n\r]]>\u0000\u001b[2J\ud800x\ufffe😀';
    const xml = junitXml([{ suite: hostile, name: hostile, tookMs: 0, failure: hostile }]);
    const attribute = "a&lt;b&gt;&amp;&quot;'&#9;&#10;&#13;]]&gt;\ufffd\ufffd[2J\ufffdx\ufffd😀";
    expect(xml).toContain(`<testcase classname="${attribute}" name="${attribute}" time="0.000">`);
    expect(xml).toContain(`>a&lt;b&gt;&amp;&quot;'\t\n&#13;]]&gt;\ufffd\ufffd[2J\ufffdx\ufffd😀</failure>`);
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/);
  });

  it('of nothing is a document too', () => {
    expect(junitXml([])).toContain(
      '<testsuites name="tappet trigger test" tests="0" failures="0" errors="0" time="0.000">\n</testsuites>\n',
    );
  });
});
