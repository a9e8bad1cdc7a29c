// The limits of Varve, each with its reason. Reaching one is a documented error, and a test reaches
// it.  [I-13]
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve::model {

// Names and keys.
constexpr std::size_t PathBytesMax = 1024;       // S3's and lakeFS's limit
constexpr std::size_t RepositoryIdBytesMin = 3;  // DNS label, engine.md 6.4
constexpr std::size_t RepositoryIdBytesMax = 63;
constexpr std::size_t ValueComponentBytesMax = 640UL * 65536;  // engine.md 2.2
// A branch's name is part of its staging token, which has to fit the keys of every store: with a
// longer one neither the branch nor its repository could be deleted.
constexpr std::size_t BranchIdBytesMax = 1024;

// Pages.
constexpr int PageDefault = 100;  // rest-semantics.md 8.1
constexpr int PageMax = 1000;
constexpr int EnginePageMax = 10000;  // engine.md 9.2
constexpr int DeletePathsMax = 1000;  // deleteObjects, S3 DeleteObjects
constexpr int RefsPageKv = 256;       // rows read from the key-value store at a time

// Bodies.
constexpr std::size_t JsonBodyBytesMax = 16U << 20U;  // a restore or stats body is far below
constexpr std::size_t XmlBodyBytesMax = 4U << 20U;    // 10,000 parts of a complete request
constexpr std::size_t HeaderBytesMax = 64U << 10U;    // all request headers together
constexpr std::int64_t ObjectBytesMax = 5LL << 40U;   // S3's 5 TiB
constexpr std::int64_t PutBytesMax = 5LL << 30U;      // S3's 5 GiB for one PUT
// The record of an entry, metadata and all. Listings hold a page of them, and every header a client
// may send fits.
constexpr std::size_t EntryBytesMax = 64U << 10U;

// Multipart, as S3.
constexpr int PartNumberMax = 10000;
constexpr std::int64_t PartBytesMin = 5LL << 20U;  // all parts but the last

// Retries on a lost compare-and-set. Queues per branch make them rare; the bound makes them finite.
constexpr int StagingTriesMax = 32;
constexpr int BranchUpdateTriesMax = 32;

// Requests of one server that wait for their turn on one branch, or to create one repository; the
// next one is told to try again.
constexpr std::size_t BranchQueueMax = 4096;

// How long a token may be filled before it is taken for one whose server is gone.
constexpr int FilledTokenGraceSeconds = 3600;

// How long the rows of a dropped staging token stay: a reader that resolved the branch before the
// drop still finds them. Longer than any read takes.
constexpr int DroppedTokenGraceSeconds = 60;
constexpr std::size_t SweepPageRows = 512;  // dropped tokens looked at in one step

// Committed trees: the rule of engine.md 4.4, the same on every server of a repository.
constexpr std::uint64_t RangeBytesMinDefault = 0;
constexpr std::uint64_t RangeBytesMaxDefault = 20U << 20U;
constexpr std::uint64_t RangeRaggednessDefault = 50000;
constexpr std::size_t TableFileBytesMax = 1U << 30U;  // a range is cut at 20 MiB; read whole

// Logs of paths. What a commit changed is noted for the next time where little has to be read for
// it, and in one log only so much: the rest is compared as if there were no notes.
constexpr std::uint64_t ChangeNoteBytesMax = 4U << 20U;  // of ranges, for one commit
constexpr std::uint64_t LogNotesBytesMax = 1U << 30U;
constexpr std::size_t LogNotesMax = 1U << 17U;  // commits

// Transfers.
constexpr std::size_t TransferBufferBytes = 256U << 10U;  // per step of a body; two per transfer
constexpr int RangeLoadFanOutMax = 8;                     // ranges fetched at once by one request
constexpr int TreeBuildFanOutMax = 8;   // stretches of one commit built at once, and a reader
constexpr int TreeMergeFanOutMax = 4;   // parts of one merge walked at once
constexpr int TreeUploadFanOutMax = 4;  // ranges of one tree uploaded at once
// Ranges of one tree that are written and not stored yet: a fast writer waits for a slow store.
constexpr std::size_t TreeUnstoredBytesMax = 64U << 20U;

static_assert(PageMax <= EnginePageMax);
static_assert(TransferBufferBytes * 2 <= (2U << 20U), "at most 2 MiB per open transfer");

}  // namespace varve::model
