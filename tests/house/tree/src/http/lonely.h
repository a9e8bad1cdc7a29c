// Nobody includes this one.
#pragma once
