import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseSecret,
  type SubnetGroup,
} from 'aws-cdk-lib/aws-rds';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';

const DATABASE_NAME = 'retail';

export interface DatabaseProps {
  readonly settings: Settings;
  /** Encrypts rows and secrets. @default those of RDS and of Secrets Manager */
  readonly key: IKey | undefined;
  /** Gets what passes through the network, and what is refused. */
  readonly logBucket: IBucket;
}

/** Aurora PostgreSQL, Serverless v2, reached through the Data API alone, with a secret for each of its roles. */
export class Database extends Construct {
  readonly databaseName = DATABASE_NAME;
  readonly cluster: DatabaseCluster;
  /** Where the cluster is in the network. */
  readonly subnetGroupName: string;
  readonly securityGroupId: string;
  /** Owns everything in the database. */
  readonly migratorSecret: ISecret;
  /** May load batches. */
  readonly loaderSecret: ISecret;
  /** May read. */
  readonly analystSecret: ISecret;
  /** May compare the bucket with the ledger. */
  readonly sweeperSecret: ISecret;
  /** May read the reporting views. */
  readonly quicksightSecret: ISecret;
  #key: IKey | undefined;

  constructor(scope: Construct, id: string, { settings, key, logBucket }: DatabaseProps) {
    super(scope, id);
    this.#key = key;
    // Nothing in this network talks to the outside, and nothing outside talks to it but the Data API.
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
    });
    vpc.addFlowLog('Traffic', { destination: FlowLogDestination.toS3(logBucket, 'network/') });
    this.cluster = new DatabaseCluster(this, 'Cluster', {
      engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_4 }),
      credentials: Credentials.fromGeneratedSecret('retail_migrator', key && { encryptionKey: key }),
      defaultDatabaseName: DATABASE_NAME,
      enableDataApi: true,
      storageEncrypted: true,
      ...(key && { storageEncryptionKey: key }),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      writer: ClusterInstance.serverlessV2('Writer'),
      serverlessV2MinCapacity: settings.databaseMinAcu,
      serverlessV2MaxCapacity: settings.databaseMaxAcu,
      ...(settings.databaseMinAcu === 0 && {
        serverlessV2AutoPauseDuration: Duration.minutes(settings.databasePauseMinutes),
      }),
      backup: { retention: Duration.days(settings.backupRetentionDays) },
      iamAuthentication: true,
      deletionProtection: settings.protect,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    // The construct keeps it to itself, and one of our own would replace a cluster that is there.
    this.subnetGroupName = (this.cluster.node.findChild('Subnets') as SubnetGroup).subnetGroupName;
    this.securityGroupId = this.cluster.connections.securityGroups[0]!.securityGroupId;
    this.migratorSecret = this.cluster.secret!;
    this.loaderSecret = this.#roleSecret('LoaderSecret', 'retail_loader');
    this.analystSecret = this.#roleSecret('AnalystSecret', 'retail_analyst');
    this.sweeperSecret = this.#roleSecret('SweeperSecret', 'retail_sweeper');
    this.quicksightSecret = this.#roleSecret('QuicksightSecret', 'retail_quicksight');
  }

  /** Every role's secret, by what its rotation is called: all of them are rotated. */
  get secrets(): Readonly<Record<string, ISecret>> {
    return {
      Migrator: this.migratorSecret,
      Loader: this.loaderSecret,
      Analyst: this.analystSecret,
      Sweeper: this.sweeperSecret,
      Quicksight: this.quicksightSecret,
    };
  }

  /** Lets a function run statements as the role of a secret. The Data API reads the secret as its caller. */
  allowStatements(caller: PipelineFunction, secret: ISecret): void {
    caller.allow(['rds-data:ExecuteStatement'], [this.cluster.clusterArn]);
    this.allowSecrets(caller, [secret]);
  }

  /** Lets a function read secrets. */
  allowSecrets(caller: PipelineFunction, secrets: readonly ISecret[]): void {
    caller.allow(
      ['secretsmanager:GetSecretValue'],
      secrets.map(({ secretArn }) => secretArn),
    );
    caller.allowKey(this.#key, 'secretsmanager', 'read');
  }

  #roleSecret(id: string, username: string): ISecret {
    const encryption = this.#key && { encryptionKey: this.#key };
    return new DatabaseSecret(this, id, { username, dbname: DATABASE_NAME, ...encryption }).attach(
      this.cluster,
    );
  }
}
