// Stands for the real one.
#pragma once
