import { Duration } from 'aws-cdk-lib';
import type { PipelineFunction } from '../pipeline/function.ts';
import { pipelineMetric } from './pipeline-metric.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { foundByLastRun, silentFor } from './thresholds.ts';

/** Time for a run that begins late, or is tried again. */
const GRACE_HOURS = 2;

/** What the verifier found, and whether it verifies. */
export function monitorVerify(monitoring: StageMonitoring, verifier: PipelineFunction): void {
  const { settings } = monitoring;
  const silentHours = settings.verifyEveryHours + GRACE_HOURS;
  const differences = monitoring.watch(pipelineMetric(settings, verifier, { name: 'LedgerDifferences' }), {
    heading: 'Verify/LedgerDifferences',
    severity: 'critical',
    meaning: 'The ledger and the table differ.',
    ...foundByLastRun,
  });
  const stuck = monitoring.watch(pipelineMetric(settings, verifier, { name: 'StuckUploads' }), {
    heading: 'Verify/StuckUploads',
    severity: 'critical',
    meaning: `Uploads did not move for ${settings.stuckAfterMinutes} minutes, and are still there.`,
    ...foundByLastRun,
  });
  // Every run that comes to its end emits it, so a verifier that always fails is silent too.
  const runs = pipelineMetric(settings, verifier, {
    name: 'LedgerDifferences',
    statistic: 'SampleCount',
    period: Duration.hours(1),
  });
  const run = monitoring.watch(runs.with({ label: 'runs' }), {
    heading: 'Verify/NotRun',
    severity: 'warning',
    meaning: `No verification came to its end in ${silentHours} hours.`,
    ...silentFor(silentHours),
  });
  monitoring.monitorCustom({
    humanReadableName: 'Verify',
    alarmFriendlyName: 'Verify',
    metricGroups: [
      { title: 'Found by the verifier', metrics: [differences, stuck] },
      { title: 'Verifications by the hour', metrics: [run] },
    ],
  });
}
