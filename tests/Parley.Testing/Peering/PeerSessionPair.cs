using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Testing.Peering;

/// <summary>Two ends of a session in this process; each path comes from a function, so that a test says where it breaks.</summary>
public sealed class PeerSessionPair
{
    private readonly Lock _gate = new();
    private readonly Func<int, (Stream Opener, Stream Acceptor)> _connect;
    private TaskCompletionSource<Stream>? _waiting;
    private bool _waitingIsOpener;
    private int _paths;

    /// <summary>Makes the two ends.</summary>
    /// <param name="connect">Makes path number n, counted from 0.</param>
    public PeerSessionPair(Func<int, (Stream Opener, Stream Acceptor)> connect)
    {
        _connect = connect;
        Opener = new End(this, isOpener: true);
        Acceptor = new End(this, isOpener: false);
    }

    /// <summary>The end that opened the session.</summary>
    public IPeerSession Opener { get; }

    /// <summary>The end that accepted it.</summary>
    public IPeerSession Acceptor { get; }

    /// <summary>How many paths were opened.</summary>
    public int Paths => _paths;

    private bool IsGone { get; set; }

    private async Task<Stream> ConnectAsync(bool isOpener, CancellationToken cancellationToken)
    {
        Task<Stream> mine;
        lock (_gate)
        {
            if (IsGone)
            {
                throw Gone();
            }

            if (_waiting is { } other && _waitingIsOpener != isOpener)
            {
                var (opener, acceptor) = _connect(_paths++);
                other.TrySetResult(isOpener ? acceptor : opener);
                _waiting = null;
                return isOpener ? opener : acceptor;
            }

            _waiting = new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waitingIsOpener = isOpener;
            mine = _waiting.Task;
        }

        return await mine.WaitAsync(cancellationToken);
    }

    private void Leave()
    {
        lock (_gate)
        {
            IsGone = true;
            _waiting?.TrySetException(Gone());
        }
    }

    private static ParleyException Gone() => new(ErrorCode.AgentOffline, "The other end is gone.");

    private sealed class End(PeerSessionPair pair, bool isOpener) : IPeerSession
    {
        private PeerPath? _last;

        public string Id => "01hzzzzzzzzzzzzzzzzzzzzzzz";

        public AgentAddress Remote { get; } = AgentAddress.Parse(isOpener ? "tests.receiver" : "tests.sender");

        public PeerPurpose Purpose => PeerPurpose.Transfer;

        public bool IsOpener => isOpener;

        public PeerTrust Trust => PeerTrust.Pinned;

        public string Phrase => "one two three";

        public async Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
        {
            if (_last is not null)
            {
                await _last.DisposeAsync();
            }

            return _last = new PeerPath(await pair.ConnectAsync(isOpener, cancellationToken), PathKind.DirectTcp, "in memory");
        }

        public ValueTask DisposeAsync()
        {
            pair.Leave();
            return ValueTask.CompletedTask;
        }
    }
}
