const SECRET_HEADER = /auth|cookie|token|signature|secret|password|api-?key|session|credential/i;

/** Headers for people, logs and files: values that prove or carry a secret are blanked. */
export function redactHeaders(headers: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, SECRET_HEADER.test(name) ? values.map(() => '[redacted]') : values]),
  );
}
