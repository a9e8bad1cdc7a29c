// The manual page of something.
#pragma once

#include "base/task.h"
