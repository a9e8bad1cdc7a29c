// Beast's own code, compiled once (BOOST_BEAST_SEPARATE_COMPILATION): its HTTP parser and what that
// needs. <boost/beast/src.hpp> would bring WebSockets and zlib along.
#define BOOST_BEAST_SOURCE

#include <boost/beast/core/impl/error.ipp>
#include <boost/beast/core/impl/string.ipp>
#include <boost/beast/http/detail/basic_parser.ipp>
#include <boost/beast/http/detail/rfc7230.ipp>
#include <boost/beast/http/impl/basic_parser.ipp>
#include <boost/beast/http/impl/error.ipp>
#include <boost/beast/http/impl/field.ipp>
#include <boost/beast/http/impl/rfc7230.ipp>
#include <boost/beast/http/impl/verb.ipp>
