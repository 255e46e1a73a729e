/**
 * Our series and the process's own. prom-client is loaded when somebody asks: it costs 14 MB. It is CommonJS: bundled, all that an import of it
 * gives is its default.
 */
export async function metricsText(
  own: (() => string | Promise<string>) | undefined,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const { collectDefaultMetrics, register } = (await import('prom-client')).default;
  if (register.getSingleMetric('process_cpu_user_seconds_total') === undefined)
    collectDefaultMetrics({ eventLoopMonitoringPrecision: 100 });
  return { text: `${(await own?.()) ?? ''}${await register.metrics()}`, contentType: register.contentType };
}
