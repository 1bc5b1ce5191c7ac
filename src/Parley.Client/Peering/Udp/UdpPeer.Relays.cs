using System.Net;
using Parley.WebRtc.Turn;

namespace Parley.Client.Peering.Udp;

/// <content>Relays that are spoken to over TCP or TLS, beside the sockets.</content>
internal sealed partial class UdpPeer
{
    private static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _relaysEnd = new();
    private readonly List<Task> _relays = [];

    /// <summary>Connects to a relay; the address that it gives becomes a candidate. Before <see cref="Gather"/>, so that candidates are complete only when this is settled.</summary>
    /// <param name="server">The relay.</param>
    /// <param name="address">One of its addresses.</param>
    /// <param name="time">Clock.</param>
    public void Connect(IceServer server, IPAddress address, TimeProvider time)
    {
        using (_driver.Enter())
        {
            _connection.ExpectRelay();
        }

        _relays.Add(Task.Run(() => RelayAsync(server, address, time), CancellationToken.None));
    }

    private async Task RelayAsync(IceServer server, IPAddress address, TimeProvider time)
    {
        TurnStream stream;
        try
        {
            using var limit = new CancellationTokenSource(_connectLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _relaysEnd.Token);
            stream = await TurnStream.ConnectAsync(server, address, either.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            using var turn = _driver.Enter();
            _connection.RefuseRelay(server.ToString(), exception is IOException ? exception.Message : "the relay does not answer", turn.Now);
            OnTurn(turn.Now);
            return;
        }

        await using (stream)
        {
            await CarryAsync(server, stream);
        }
    }

    private async Task CarryAsync(IceServer server, TurnStream stream)
    {
        using (var turn = _driver.Enter())
        {
            _machine.Add(stream);
            _connection.AddRelay(new TurnServer(stream.Remote, server.User, server.Secret) { Transport = server.Transport }, stream.Local, turn.Now);
            OnTurn(turn.Now);
        }

        try
        {
            await stream.RunAsync(
                message =>
                {
                    using var turn = _driver.Enter();
                    _connection.Receive(message.Span, stream.Local, stream.Remote, turn.Now);
                    OnTurn(turn.Now);
                },
                _relaysEnd.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone; what goes over it looks for another way.
        }

        using (var turn = _driver.Enter())
        {
            _machine.Remove(stream);
            _connection.RemoveLocal(stream.Local, turn.Now);
            OnTurn(turn.Now);
        }
    }

    private async Task EndRelaysAsync()
    {
        await _relaysEnd.CancelAsync();
        await Task.WhenAll(_relays);
        _relaysEnd.Dispose();
    }
}
