import { Duration } from 'aws-cdk-lib';
import type { PipelineFunction } from '../pipeline/function.ts';
import { pipelineMetric } from './pipeline-metric.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { foundByLastRun, silentFor } from './thresholds.ts';

const MISSED_SWEEPS = 3;

/** What the sweeper found, and whether it sweeps. */
export function monitorSweep(monitoring: StageMonitoring, sweeper: PipelineFunction): void {
  const { settings } = monitoring;
  const silentHours = Math.max(2, Math.ceil((MISSED_SWEEPS * settings.sweepEveryMinutes) / 60));
  const lost = monitoring.watch(pipelineMetric(settings, sweeper, { name: 'LostObjectsSent' }), {
    heading: 'Sweep/LostObjects',
    severity: 'warning',
    meaning: 'Files lay in the bucket and nobody had announced them.',
    ...foundByLastRun,
  });
  const stuck = monitoring.watch(pipelineMetric(settings, sweeper, { name: 'StuckUploadsSent' }), {
    heading: 'Sweep/StuckUploads',
    severity: 'warning',
    meaning: `Uploads did not move for ${settings.stuckAfterMinutes} minutes.`,
    ...foundByLastRun,
  });
  // Every sweep that comes to its end emits it, so a sweeper that always fails is silent too.
  const sweeps = pipelineMetric(settings, sweeper, {
    name: 'LostObjectsSent',
    statistic: 'SampleCount',
    period: Duration.hours(1),
  });
  const run = monitoring.watch(sweeps.with({ label: 'sweeps' }), {
    heading: 'Sweep/NotRun',
    severity: 'warning',
    meaning: `No sweep came to its end in ${silentHours} hours.`,
    ...silentFor(silentHours),
  });
  monitoring.monitorCustom({
    humanReadableName: 'Sweep',
    alarmFriendlyName: 'Sweep',
    metricGroups: [
      { title: 'Sent to the parser again', metrics: [lost, stuck] },
      { title: 'Sweeps by the hour', metrics: [run] },
    ],
  });
}
