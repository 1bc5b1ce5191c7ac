using System.Net;
using System.Net.Sockets;
using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.EndToEndTests.Pages;

/// <summary>Our end of a session whose other end is a process that dials: each path is a connection of plain TCP on loopback, which breaks where a test says.</summary>
internal sealed class TcpSession : IPeerSession
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Func<int, long> _cut;
    private CutStream? _path;

    /// <summary>Path number n, counted from 0, breaks after so many bytes.</summary>
    public TcpSession(bool isOpener, Func<int, long>? cut = null)
    {
        (IsOpener, _cut) = (isOpener, cut ?? (static _ => long.MaxValue));
        _listener.Start();
    }

    /// <summary>Where the other end dials.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many paths were opened.</summary>
    public int Paths { get; private set; }

    /// <inheritdoc/>
    public string Id => "01hzzzzzzzzzzzzzzzzzzzzzzz";

    /// <inheritdoc/>
    public AgentAddress Remote { get; } = AgentAddress.Parse("tests.page");

    /// <inheritdoc/>
    public PeerPurpose Purpose => PeerPurpose.Transfer;

    /// <inheritdoc/>
    public bool IsOpener { get; }

    /// <inheritdoc/>
    public PeerTrust Trust => PeerTrust.Pinned;

    /// <inheritdoc/>
    public string Phrase => string.Empty;

    /// <summary>The other end is gone: nobody waits for it any more.</summary>
    public void End()
    {
        _over.Cancel();
        _listener.Stop();
    }

    /// <inheritdoc/>
    public async Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
    {
        if (_path is not null)
        {
            await _path.DisposeAsync();
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        try
        {
            var socket = await _listener.AcceptSocketAsync(either.Token);
            return new PeerPath(_path = new CutStream(socket, _cut(Paths++)), PathKind.DirectTcp, "in a test");
        }
        catch (Exception exception) when (_over.IsCancellationRequested && exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.AgentOffline, "The other end is gone.", exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        End();
        return _path?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
