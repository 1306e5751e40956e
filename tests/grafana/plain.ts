// Grafana's published types, with an enum's words where they have the enum: that is how they stand in JSON.
import type { Dashboard, GraphFieldConfig } from "@grafana/schema";
import type { Options as BarGauge } from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type { Options as Heatmap } from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Options as TimeSeries } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Plain<T> = T extends string ? `${T}`
    : T extends number | boolean | null | undefined ? T
    : T extends Array<infer U> ? Plain<U>[]
    : T extends object ? { [K in keyof T]: Plain<T[K]> }
    : T;
type Some<T> = { [K in keyof T]?: T[K] extends object ? Some<T[K]> : T[K] };

/** A dashboard. */
export type Board = Plain<Dashboard>;
/** What a panel of each kind is told. */
export interface Options {
    bargauge: Plain<Some<BarGauge>>;
    heatmap: Plain<Some<Heatmap>>;
    stat: Plain<Some<Stat>>;
    timeseries: Plain<Some<TimeSeries>>;
}
/** How lines are drawn. */
export type Lines = Plain<GraphFieldConfig>;
