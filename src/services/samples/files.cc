// The sample files. All of it is invented.
#include <span>
#include <string_view>

#include "services/samples/samples.h"

namespace varve::services {
namespace {

constexpr std::string_view ReadmeMd = R"sample(# A lake and its layers

A varve is the thin layer of sediment that a lake lays down each year: pale in summer, dark in
winter, and never disturbed again. Read from the bottom up, the layers are the lake's history.

This repository holds a small invented data set about five lakes:

| Path | What it is |
|---|---|
| `data/lakes.csv` | the lakes: where they are and how deep |
| `data/stations.json` | the measuring stations, with their sensors |
| `data/measurements/2025-06.csv`, `2025-07.csv` | daily readings, one file a month |
| `images/layers.svg` | a core sample, drawn |

Try it:

1. Create a branch `experiment` from `main`.
2. Change a reading, or delete a month, on that branch. `main` does not notice.
3. Look at the uncommitted changes, then commit them with a message that says why.
4. Compare `main` with `experiment`, and merge, or delete the branch and forget it.

The branch `main` is protected: changes reach it by a merge.
)sample";

constexpr std::string_view DataLakesCsv =
    R"sample(lake_id,name,country,latitude,longitude,max_depth_m,area_km2
L1,Elster Mere,DE,53.412,13.201,24.5,3.1
L2,Lac Gris,CH,46.718,7.044,71.0,12.8
L3,Holmvatn,NO,61.335,8.912,118.2,9.4
L4,Tarn of Keld,GB,54.498,-3.071,12.9,0.4
L5,Jezioro Sine,PL,53.871,21.604,44.3,18.6
)sample";

constexpr std::string_view DataStationsJson = R"sample([
  {
    "station_id": "S1",
    "lake_id": "L1",
    "installed": "2015-03-15",
    "sensors": [
      "temperature",
      "oxygen"
    ]
  },
  {
    "station_id": "S2",
    "lake_id": "L2",
    "installed": "2016-04-15",
    "sensors": [
      "temperature",
      "oxygen",
      "turbidity"
    ]
  },
  {
    "station_id": "S3",
    "lake_id": "L3",
    "installed": "2017-05-15",
    "sensors": [
      "temperature"
    ]
  },
  {
    "station_id": "S4",
    "lake_id": "L4",
    "installed": "2018-06-15",
    "sensors": [
      "temperature",
      "turbidity"
    ]
  },
  {
    "station_id": "S5",
    "lake_id": "L5",
    "installed": "2019-07-15",
    "sensors": [
      "temperature",
      "oxygen",
      "turbidity",
      "ph"
    ]
  }
]
)sample";

constexpr std::string_view DataMeasurements202506Csv =
    R"sample(date,station_id,temperature_c,oxygen_mg_l
2025-06-01,S1,15.4,9.4
2025-06-01,S2,16.9,9.3
2025-06-01,S3,17.7,8.9
2025-06-01,S4,16.6,8.3
2025-06-01,S5,20.3,8.1
2025-06-04,S1,16.2,8.9
2025-06-04,S2,15.9,8.7
2025-06-04,S3,17.1,8.7
2025-06-04,S4,16.5,8.1
2025-06-04,S5,18.3,8.3
2025-06-07,S1,15.8,8.9
2025-06-07,S2,16.9,8.6
2025-06-07,S3,17.4,8.3
2025-06-07,S4,16.5,8.6
2025-06-07,S5,18.1,7.8
2025-06-10,S1,16.4,9.5
2025-06-10,S2,15.4,9.3
2025-06-10,S3,17.1,8.7
2025-06-10,S4,17.1,8.7
2025-06-10,S5,19.6,8.4
2025-06-13,S1,16.2,9.0
2025-06-13,S2,15.6,8.6
2025-06-13,S3,15.9,8.3
2025-06-13,S4,17.4,8.4
2025-06-13,S5,17.5,8.1
2025-06-16,S1,14.5,9.0
2025-06-16,S2,17.0,8.9
2025-06-16,S3,16.4,8.6
2025-06-16,S4,18.6,7.9
2025-06-16,S5,20.4,7.6
2025-06-19,S1,15.7,9.5
2025-06-19,S2,14.6,9.1
2025-06-19,S3,16.6,8.7
2025-06-19,S4,16.5,7.9
2025-06-19,S5,18.0,8.4
2025-06-22,S1,14.1,9.4
2025-06-22,S2,17.3,9.3
2025-06-22,S3,16.5,8.5
2025-06-22,S4,18.1,8.5
2025-06-22,S5,17.8,8.2
2025-06-25,S1,15.9,9.5
2025-06-25,S2,14.6,9.3
2025-06-25,S3,15.8,8.5
2025-06-25,S4,18.3,8.6
2025-06-25,S5,18.5,8.3
2025-06-28,S1,15.1,9.0
2025-06-28,S2,15.5,8.6
2025-06-28,S3,15.7,8.3
2025-06-28,S4,18.6,8.7
2025-06-28,S5,18.0,7.6
)sample";

constexpr std::string_view DataMeasurements202507Csv =
    R"sample(date,station_id,temperature_c,oxygen_mg_l
2025-07-01,S1,19.5,9.2
2025-07-01,S2,18.7,8.7
2025-07-01,S3,20.3,8.9
2025-07-01,S4,20.9,8.2
2025-07-01,S5,20.7,8.3
2025-07-04,S1,16.6,9.2
2025-07-04,S2,20.0,8.6
2025-07-04,S3,20.7,9.0
2025-07-04,S4,21.4,8.5
2025-07-04,S5,20.8,7.9
2025-07-07,S1,16.9,9.5
2025-07-07,S2,18.4,8.9
2025-07-07,S3,21.5,8.9
2025-07-07,S4,22.4,8.3
2025-07-07,S5,22.0,8.2
2025-07-10,S1,17.9,9.0
2025-07-10,S2,18.7,8.6
2025-07-10,S3,19.6,9.0
2025-07-10,S4,22.4,8.4
2025-07-10,S5,22.0,7.9
2025-07-13,S1,16.8,9.0
2025-07-13,S2,19.8,9.2
2025-07-13,S3,19.6,8.8
2025-07-13,S4,21.8,8.5
2025-07-13,S5,22.5,8.2
2025-07-16,S1,17.6,9.4
2025-07-16,S2,18.3,8.9
2025-07-16,S3,20.8,8.8
2025-07-16,S4,20.4,8.7
2025-07-16,S5,22.4,8.1
2025-07-19,S1,16.5,9.2
2025-07-19,S2,18.3,9.0
2025-07-19,S3,19.9,8.9
2025-07-19,S4,21.4,8.5
2025-07-19,S5,21.5,8.1
2025-07-22,S1,18.7,9.5
2025-07-22,S2,18.6,9.2
2025-07-22,S3,21.1,8.8
2025-07-22,S4,22.4,8.7
2025-07-22,S5,22.1,8.0
2025-07-25,S1,17.0,9.5
2025-07-25,S2,20.3,8.9
2025-07-25,S3,20.6,8.8
2025-07-25,S4,21.7,8.0
2025-07-25,S5,22.8,8.1
2025-07-28,S1,18.5,9.1
2025-07-28,S2,19.4,9.1
2025-07-28,S3,20.4,8.8
2025-07-28,S4,19.6,8.0
2025-07-28,S5,21.8,8.1
2025-07-31,S1,17.2,9.3
2025-07-31,S2,19.4,8.5
2025-07-31,S3,19.9,8.4
2025-07-31,S4,19.7,8.0
2025-07-31,S5,21.5,7.7
)sample";

constexpr std::string_view ImagesLayersSvg =
    R"sample(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 200" width="240" height="400">
  <title>A core of varves</title>
  <rect width="120" height="200" fill="#eef3f2"/>
  <rect x="36" y="16" width="48" height="9" fill="#c9b48a"/>
  <rect x="36" y="25" width="48" height="5" fill="#5b4a36"/>
  <rect x="36" y="30" width="48" height="11" fill="#c9b48a"/>
  <rect x="36" y="41" width="48" height="4" fill="#5b4a36"/>
  <rect x="36" y="45" width="48" height="8" fill="#c9b48a"/>
  <rect x="36" y="53" width="48" height="6" fill="#5b4a36"/>
  <rect x="36" y="59" width="48" height="12" fill="#c9b48a"/>
  <rect x="36" y="71" width="48" height="5" fill="#5b4a36"/>
  <rect x="36" y="76" width="48" height="7" fill="#c9b48a"/>
  <rect x="36" y="83" width="48" height="4" fill="#5b4a36"/>
  <rect x="36" y="87" width="48" height="10" fill="#c9b48a"/>
  <rect x="36" y="97" width="48" height="6" fill="#5b4a36"/>
  <rect x="36" y="103" width="48" height="9" fill="#c9b48a"/>
  <rect x="36" y="112" width="48" height="5" fill="#5b4a36"/>
  <rect x="36" y="117" width="48" height="12" fill="#c9b48a"/>
  <rect x="36" y="129" width="48" height="4" fill="#5b4a36"/>
  <rect x="36" y="133" width="48" height="8" fill="#c9b48a"/>
  <rect x="36" y="141" width="48" height="7" fill="#5b4a36"/>
  <rect x="36" y="16" width="48" height="132" rx="6" fill="none" stroke="#33413f" stroke-width="2"/>
</svg>
)sample";

constexpr SampleFile Files[] = {
    {"README.md", "text/markdown", ReadmeMd},
    {"data/lakes.csv", "text/csv", DataLakesCsv},
    {"data/stations.json", "application/json", DataStationsJson},
    {"data/measurements/2025-06.csv", "text/csv", DataMeasurements202506Csv},
    {"data/measurements/2025-07.csv", "text/csv", DataMeasurements202507Csv},
    {"images/layers.svg", "image/svg+xml", ImagesLayersSvg},
};

}  // namespace

std::span<const SampleFile> sample_files() { return Files; }

}  // namespace varve::services
