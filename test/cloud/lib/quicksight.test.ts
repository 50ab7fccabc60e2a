import { beforeAll, describe, expect, test } from 'vitest';
import { REPORTING_VIEWS, type ReportingView } from '../../../lib/analytics/quicksight/reporting-views.ts';
import { type Resource, type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

const SPICE = {
  stage: 'prod',
  'retail:quicksightPrincipalArn': 'arn:aws:quicksight:eu-west-1:123456789012:user/default/ana',
  'retail:quicksightImport': 'spice',
  'retail:quicksightRefreshTime': '05:30',
};

interface InputColumn {
  readonly Name: string;
  readonly Type: string;
  readonly SubType?: string;
}
interface RelationalTable {
  readonly Schema: string;
  readonly Name: string;
  readonly InputColumns: readonly InputColumn[];
}

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizeStack('RetailAnalytics', SPICE);
});

function relationalTableOf({ Properties }: Resource): RelationalTable {
  const tables = Object.values(Properties.PhysicalTableMap as Record<string, { RelationalTable: unknown }>);
  expect(tables).toHaveLength(1);
  return tables[0]!.RelationalTable as RelationalTable;
}

const dataSets = () => stack.ofType('AWS::QuickSight::DataSet').map(relationalTableOf);

describe('data sets', () => {
  /** How QuickSight calls the types of PostgreSQL (user guide, "Supported data types from external data sources"). */
  const QUICKSIGHT_TYPES: Record<string, Omit<InputColumn, 'Name'>> = {
    text: { Type: 'STRING' },
    date: { Type: 'DATETIME' },
    'timestamp without time zone': { Type: 'DATETIME' },
    integer: { Type: 'INTEGER' },
    bigint: { Type: 'INTEGER' },
    numeric: { Type: 'DECIMAL', SubType: 'FIXED' },
  };

  test('have exactly the columns and types of the reporting views', () => {
    const actual = dataSets();
    expect(actual.map(({ Name }) => Name).sort()).toEqual(Object.keys(REPORTING_VIEWS).sort());
    for (const { Schema, Name, InputColumns } of actual) {
      expect(Schema).toBe('reporting');
      const columns: Record<string, string> = REPORTING_VIEWS[Name as ReportingView];
      expect(InputColumns, Name).toEqual(
        Object.entries(columns).map(([name, type]) => ({ Name: name, ...QUICKSIGHT_TYPES[type] })),
      );
    }
  });
});

/** A reference to an output of the data stack. */
const outputOf = (part: string) => ({
  'Fn::GetStackOutput': expect.objectContaining({
    StackName: expect.stringMatching(/-data$/),
    OutputName: expect.stringContaining(part),
  }),
});

describe('the way to the database', () => {
  test('is the secret of the role that reads the views alone, over TLS, inside the network', () => {
    const [source] = stack.ofType('AWS::QuickSight::DataSource');
    expect(source!.Properties).toMatchObject({
      Type: 'AURORA_POSTGRESQL',
      SslProperties: { DisableSsl: false },
      Credentials: {
        SecretArn: outputOf('QuicksightSecretAttachment'),
      },
      DataSourceParameters: { AuroraPostgreSqlParameters: { Database: 'retail' } },
      VpcConnectionProperties: { VpcConnectionArn: expect.anything() },
    });
    expect(source!.Properties.Credentials).not.toHaveProperty('CredentialPair');
  });

  test('lets QuickSight’s role for secrets read that secret and no other', () => {
    const policies = stack
      .ofType('AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) =>
        JSON.stringify(Properties.Roles ?? []).includes('aws-quicksight-secretsmanager-role-v0'),
      );
    expect(policies.map(({ Properties }) => Properties.PolicyDocument)).toMatchObject([
      {
        Statement: [
          {
            Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            Resource: outputOf('QuicksightSecretAttachment'),
          },
          {
            Action: 'kms:Decrypt',
            Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
            Resource: outputOf('Key'),
          },
        ],
      },
    ]);
  });

  test('is open on PostgreSQL’s port only, and to QuickSight’s security group only', () => {
    const [group] = stack.ofType('AWS::EC2::SecurityGroup');
    expect(group!.Properties).toMatchObject({ SecurityGroupEgress: [{ CidrIp: '255.255.255.255/32' }] });
    expect(group!.Properties).not.toHaveProperty('SecurityGroupIngress');
    const port = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 };
    const ourGroup = { 'Fn::GetAtt': [group!.logicalId, 'GroupId'] };
    const databaseGroup = outputOf('ClusterSecurityGroup');
    const propertiesOf = (type: string) => stack.ofType(type).map(({ Properties }) => Properties);
    expect(propertiesOf('AWS::EC2::SecurityGroupIngress')).toEqual([
      expect.objectContaining({ ...port, SourceSecurityGroupId: ourGroup, GroupId: databaseGroup }),
    ]);
    expect(propertiesOf('AWS::EC2::SecurityGroupEgress')).toEqual([
      expect.objectContaining({ ...port, GroupId: ourGroup, DestinationSecurityGroupId: databaseGroup }),
    ]);
  });

  test('begins at interfaces in the two subnets of the database, made with the documented actions', () => {
    const [connection] = stack.ofType('AWS::QuickSight::VPCConnection');
    expect(connection!.Properties.SubnetIds).toHaveLength(2);
    const [role] = stack.ofType('AWS::IAM::Role');
    const policy = stack
      .ofType('AWS::IAM::ManagedPolicy')
      .find(({ Properties }) => JSON.stringify(Properties.Roles ?? []).includes(role!.logicalId))!;
    const { Statement } = policy.Properties.PolicyDocument as {
      Statement: { Action: string[]; Resource: unknown }[];
    };
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual([
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:ModifyNetworkInterfaceAttribute',
    ]);
    const anywhere = Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(anywhere.sort()).toEqual(['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets']);
  });
});

describe('the dashboard', () => {
  interface ColumnReference {
    readonly DataSetIdentifier: string;
    readonly ColumnName: string;
  }
  type Json = Record<string, unknown>;
  const definition = () => stack.ofType('AWS::QuickSight::Dashboard')[0]!.Properties.Definition as Json;
  const sheet = () => (definition().Sheets as Json[])[0]!;

  /** Every value under a key, however deep. */
  function valuesOf(key: string, node: unknown): unknown[] {
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node).flatMap(([name, value]) => [
      ...(name === key ? [value] : []),
      ...valuesOf(key, value),
    ]);
  }

  function typeOf({ DataSetIdentifier, ColumnName }: ColumnReference): string | undefined {
    const table = dataSets().find(({ Name }) => Name === DataSetIdentifier);
    return table?.InputColumns.find(({ Name }) => Name === ColumnName)?.Type;
  }

  test('shows balance by date, cumulated balance, top products and rejects by reason', () => {
    expect(valuesOf('VisualId', sheet())).toEqual([
      'balance-by-date',
      'cumulated-balance',
      'top-products',
      'rejects-by-reason',
    ]);
    expect(valuesOf('ElementId', sheet())).toEqual(valuesOf('VisualId', sheet()));
  });

  test('names columns that its data sets have, of the type that it needs them', () => {
    const columns = valuesOf('Column', definition()) as ColumnReference[];
    expect(columns.length).toBeGreaterThan(12);
    for (const column of columns) expect(typeOf(column), JSON.stringify(column)).toBeDefined();
    const typesUnder = (key: string) =>
      new Set(
        valuesOf(key, definition()).map((field) => typeOf((field as { Column: ColumnReference }).Column)),
      );
    expect(typesUnder('NumericalMeasureField')).toEqual(new Set(['DECIMAL', 'INTEGER']));
    expect(typesUnder('DateDimensionField')).toEqual(new Set(['DATETIME']));
    expect(typesUnder('CategoricalDimensionField')).toEqual(new Set(['STRING']));
    expect(typesUnder('RelativeDatesFilter')).toEqual(new Set(['DATETIME']));
    expect(typesUnder('CategoryFilter')).toEqual(new Set(['STRING']));
  });

  test('declares each data set that it shows, once, by the ARN of the data set of that view', () => {
    const declared = definition().DataSetIdentifierDeclarations as {
      Identifier: string;
      DataSetArn: { 'Fn::GetAtt': [string, string] };
    }[];
    const identifiers = new Set(valuesOf('DataSetIdentifier', definition()));
    expect(declared.map(({ Identifier }) => Identifier).sort()).toEqual([...identifiers].sort());
    for (const { Identifier, DataSetArn } of declared) {
      const [logicalId] = DataSetArn['Fn::GetAtt'];
      const dataSet = stack.resources.find((resource) => resource.logicalId === logicalId)!;
      expect(relationalTableOf(dataSet).Name).toBe(Identifier);
    }
  });

  test('adds up a cumulated balance over nothing: a line is one product of one store', () => {
    const [line] = valuesOf('LineChartVisual', sheet())
      .filter((visual) => (visual as Json).VisualId === 'cumulated-balance')
      .flatMap((visual) => valuesOf('LineChartAggregatedFieldWells', visual)) as Json[];
    const names = (well: unknown) =>
      (valuesOf('Column', well) as ColumnReference[]).map(({ ColumnName }) => ColumnName);
    expect(names(line!.Category)).toEqual(['transaction_date']);
    expect(names(line!.Colors)).toEqual(['product']);
    expect(names(line!.SmallMultiples)).toEqual(['store_id']);
  });

  test('reads the last 90 days unless a viewer chooses others, and every filter has a control', () => {
    for (const name of ['transaction_date', 'received_on']) {
      const filters = valuesOf('RelativeDatesFilter', definition()) as Json[];
      const filter = filters.find(({ Column }) => (Column as ColumnReference).ColumnName === name);
      expect(filter).toMatchObject({
        RelativeDateType: 'LAST',
        RelativeDateValue: 90,
        TimeGranularity: 'DAY',
      });
    }
    const controlled = valuesOf('SourceFilterId', sheet());
    expect(controlled).toEqual(valuesOf('FilterId', definition()));
  });
});
