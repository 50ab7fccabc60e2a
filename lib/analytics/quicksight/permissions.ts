/** A principal's actions on a resource; QuickSight takes these lists whole (QuickSight developer guide, "Permissions"). */
export interface ResourcePermission {
  readonly principal: string;
  readonly actions: string[];
}

/** To build analyses of one's own on the data source. */
export function mayUseDataSource(principal: string): ResourcePermission[] {
  return [
    {
      principal,
      actions: [
        'quicksight:DescribeDataSource',
        'quicksight:DescribeDataSourcePermissions',
        'quicksight:PassDataSource',
      ],
    },
  ];
}

/** To build analyses of one's own on the data set, and to see when SPICE was filled. */
export function mayUseDataSet(principal: string): ResourcePermission[] {
  return [
    {
      principal,
      actions: [
        'quicksight:DescribeDataSet',
        'quicksight:DescribeDataSetPermissions',
        'quicksight:PassDataSet',
        'quicksight:DescribeIngestion',
        'quicksight:ListIngestions',
      ],
    },
  ];
}

/** To look at the dashboard. */
export function mayViewDashboard(principal: string): ResourcePermission[] {
  return [
    {
      principal,
      actions: [
        'quicksight:DescribeDashboard',
        'quicksight:ListDashboardVersions',
        'quicksight:QueryDashboard',
      ],
    },
  ];
}
