using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Parley.Client.Transfer.Wire;
using Parley.Crypto;

namespace Parley.Client.Transfer.Receiving;

/// <summary>The plain SHA-256 of what came, for the report: computed beside the transfer, behind the verification of chunks, so that nothing waits for it but the end.</summary>
internal sealed class ReportHash : IAsyncDisposable
{
    private const int SaveEvery = 16;
    private const int MaxReadAgain = 2 * SaveEvery;
    private const int Waiting = 6;

    private readonly Channel<Step> _steps = Channel.CreateBounded<Step>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });
    private readonly IncrementalHash _list = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Task _running;
    private readonly bool _isWanted;
    private Task _readAgain = Task.CompletedTask;
    private byte[]? _only;
    private int _files;
    private bool _isUnknown;

    /// <summary>Starts to work.</summary>
    /// <param name="isWanted">Whether files of several chunks get a hash of their own.</param>
    public ReportHash(bool isWanted)
    {
        _isWanted = isWanted;
        _running = Task.Run(RunAsync);
    }

    private enum StepKind
    {
        Begin,
        Bytes,
        End,
        Whole,
    }

    /// <summary>A file of several chunks begins.</summary>
    /// <param name="file">Where the hash so far is noted.</param>
    /// <param name="chunks">How many chunks an earlier try left.</param>
    /// <param name="chunkBytes">Bytes of a chunk.</param>
    public ValueTask BeginAsync(PartialFile file, int chunks, int chunkBytes)
    {
        var begun = chunks == 0 ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _readAgain = begun?.Task ?? Task.CompletedTask;
        return _steps.Writer.WriteAsync(new Step(StepKind.Begin, null, default, file, chunks, chunkBytes, Begun: begun));
    }

    /// <summary>Waits until nothing more is read from the file that began last: it may be closed then. The hash is behind, and a file may be whole before it began.</summary>
    public Task ReadAgainAsync() => Task.WhenAny(_readAgain, _running);

    /// <summary>The file's next chunk; the frame is given back when it is done with.</summary>
    public ValueTask AddAsync(Frame? frame, ReadOnlyMemory<byte> bytes) => _steps.Writer.WriteAsync(new Step(StepKind.Bytes, frame, bytes, null, 0, 0));

    /// <summary>The file is whole.</summary>
    public ValueTask EndAsync(string path) => _steps.Writer.WriteAsync(new Step(StepKind.End, null, default, null, 0, 0, path));

    /// <summary>A file of one chunk: the chunk's hash is its own.</summary>
    public ValueTask AddWholeAsync(string path, ReadOnlyMemory<byte> hash) => _steps.Writer.WriteAsync(new Step(StepKind.Whole, null, hash, null, 0, 0, path));

    /// <summary>The hash of all that came; null when some is not known, or nothing came.</summary>
    public async Task<byte[]?> FinishAsync()
    {
        _steps.Writer.TryComplete();
        await _running;
        return _isUnknown || _files == 0 ? null : _files == 1 ? _only : _list.GetHashAndReset();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _running;
        _list.Dispose();
    }

    private async Task RunAsync()
    {
        ResumableSha256? hash = null;
        PartialFile? file = null;
        var chunks = 0;
        await foreach (var step in _steps.Reader.ReadAllAsync())
        {
            switch (step.Kind)
            {
                case StepKind.Begin:
                    // A path broke, and the next one goes on: so does the hash.
                    hash = hash is not null && file?.Key == step.File!.Key && chunks == step.Chunks ? hash : Start(step);
                    (file, chunks) = (step.File, step.Chunks);
                    step.Begun?.SetResult();
                    break;
                case StepKind.Bytes:
                    hash?.Append(step.Bytes.Span);
                    step.Frame?.Dispose();
                    if (++chunks % SaveEvery == 0 && hash is not null)
                    {
                        Note(file, chunks, hash);
                    }

                    break;
                case StepKind.End:
                    Add(step.Path!, hash?.Finish());
                    (hash, file) = (null, null);
                    break;
                default:
                    Add(step.Path!, step.Bytes.ToArray());
                    break;
            }
        }
    }

    // An earlier try noted a hash some chunks before its end: those few are read again.
    private ResumableSha256? Start(Step step)
    {
        try
        {
            if (step.Chunks == 0 || !_isWanted)
            {
                return _isWanted ? new ResumableSha256() : null;
            }

            var (noted, state) = step.File!.ReadHash();
            if (noted < 0 || noted > step.Chunks || step.Chunks - noted > MaxReadAgain)
            {
                return null;
            }

            var hash = noted == 0 ? new ResumableSha256() : new ResumableSha256(state, (long)noted * step.ChunkBytes);
            var buffer = new byte[step.ChunkBytes];
            for (var chunk = noted; chunk < step.Chunks; chunk++)
            {
                hash.Append(buffer.AsSpan(0, RandomAccess.Read(step.File.Part, buffer, (long)chunk * step.ChunkBytes)));
            }

            return hash;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or EntryPointNotFoundException or OpenSslMissingException or CryptographicException)
        {
            // A report without a hash is better than no transfer.
            return null;
        }
    }

    private static void Note(PartialFile? file, int chunks, ResumableSha256 hash)
    {
        try
        {
            file?.NoteHash(chunks, hash.Save());
        }
        catch (IOException)
        {
            // The next chunk says it: the disk is full.
        }
    }

    private void Add(string path, byte[]? hash)
    {
        _files++;
        _only = hash;
        _isUnknown |= hash is null;
        if (hash is not null)
        {
            _list.AppendData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(hash)}  {path}\n"));
        }
    }

    private readonly record struct Step(StepKind Kind, Frame? Frame, ReadOnlyMemory<byte> Bytes, PartialFile? File, int Chunks, int ChunkBytes, string? Path = null, TaskCompletionSource? Begun = null);
}
