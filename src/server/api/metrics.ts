/** Our series and the process's own. prom-client is loaded when somebody asks: it costs 14 MB. */
export async function metricsText(own: (() => string) | undefined): Promise<{ readonly text: string; readonly contentType: string }> {
  const { collectDefaultMetrics, register } = await import('prom-client');
  if (register.getSingleMetric('process_cpu_user_seconds_total') === undefined)
    collectDefaultMetrics({ eventLoopMonitoringPrecision: 100 });
  return { text: `${own?.() ?? ''}${await register.metrics()}`, contentType: register.contentType };
}
