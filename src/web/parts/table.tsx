/** A table that becomes a list of cards where there is no room for columns. Roles are said, since its display changes. */
import type { ComponentChildren, VNode } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly right?: boolean;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Stands in its place where there are no rows. */
  readonly empty: string;
}

export function Table<T>({ label, columns, rows, keyOf, empty }: TableProps<T>): VNode {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table role="table" aria-label={label}>
        <Head titles={columns} />
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row" key={keyOf(row)}>
              {columns.map(({ title, cell, right = false }) => (
                <td role="cell" data-label={title} class={right ? 'right' : ''} key={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Head({ titles }: { readonly titles: readonly Pick<Column<never>, 'title' | 'right'>[] }): VNode {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {titles.map(({ title, right = false }) => (
          <th role="columnheader" scope="col" class={right ? 'right' : ''} key={title}>
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
