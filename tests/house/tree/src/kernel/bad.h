#pragma once
#include <iostream>
#include <unistd.h>

#include "base/task.h"
#include "engine/good.h"

#define SHORTCUT 1
using namespace std;
