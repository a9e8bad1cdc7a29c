// What each component needs of the settings, as its own options struct. Settings stop here.
#pragma once

#include <string>

#include "base/log.h"
#include "engine/core/core.h"
#include "http/server.h"
#include "rest/options.h"
#include "s3/s3.h"
#include "server/config.h"
#include "services/auth/auth.h"

namespace varve::server {

// The value of logging.level or of logging.audit_log_level.
base::LogLevel log_level(const std::string& name);
base::LogOptions log_component_options(const Settings& settings);
engine::EngineOptions engine_component_options(const Settings& settings);
services::AuthOptions auth_component_options(const Settings& settings);
rest::ApiOptions rest_component_options(const Settings& settings);
s3::GatewayOptions gateway_component_options(const Settings& settings);
http::ServerOptions http_component_options(const Settings& settings, base::Log log);

}  // namespace varve::server
