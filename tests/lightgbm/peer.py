"""Trains LightGBM on made-up rows and says what it makes of them.

Reads the names of the features, one a line, from the file FEATURES in the folder that it is given; writes model.txt,
rows.f64 (little-endian, row by row), scores.f64 (raw scores) and contributions.f64 (of the first rows, with the expected
score last).
"""

import pathlib
import sys

import lightgbm
import numpy

ROWS, EXPLAINED = 100_000, 200

folder = pathlib.Path(sys.argv[1])
names = (folder / "FEATURES").read_text().split()
random = numpy.random.default_rng(1)
x = random.exponential(2.0, (ROWS, len(names)))
x[:, ::3] = numpy.floor(x[:, ::3])
x[:, 1::4] -= 2.0
odds = 2 * (x[:, 0] > 3) + x[:, 1] - 1.5 * (x[:, 2] > x[:, 3]) - 3 + numpy.sin(x[:, 4])
y = random.random(ROWS) < 1 / (1 + numpy.exp(-odds))
# Absent in most columns, but not in all: LightGBM treats a column that was never absent in another way.
absent = random.random(x.shape) < 0.15
absent[:, 5::6] = False
x[absent] = numpy.nan
parameters = dict(objective="binary", num_leaves=31, learning_rate=0.1, min_child_samples=20, verbosity=-1,
                  num_threads=1, seed=1, deterministic=True)
model = lightgbm.train(parameters, lightgbm.Dataset(x, y, feature_name=names), 100)
model.save_model(folder / "model.txt")
# Now also where nothing was absent before.
x[random.random(x.shape) < 0.05] = numpy.nan
x.astype("<f8").tofile(folder / "rows.f64")
model.predict(x, raw_score=True).astype("<f8").tofile(folder / "scores.f64")
model.predict(x[:EXPLAINED], pred_contrib=True).astype("<f8").tofile(folder / "contributions.f64")
