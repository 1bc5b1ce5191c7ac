using System.Net;
using System.Net.Sockets;

namespace Parley.Testing.Faults;

/// <summary>A TCP proxy on loopback that cuts each connection after a number of bytes of its own, wherever in a frame that falls.</summary>
/// <remarks>The numbers come from a seed, so the cuts fall after the same bytes each time; the machine's timing stays its own. A cut is a reset in both directions.</remarks>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<Uri> _target;
    private readonly Random _random;
    private readonly int _minBytes;
    private readonly int _maxBytes;
    private readonly Task _accepting;
    private int _cutsLeft;
    private int _cuts;

    /// <summary>A proxy that is listening.</summary>
    /// <param name="target">Where connections are led; asked anew for each.</param>
    /// <param name="seed">Start of the series of cuts.</param>
    /// <param name="minBytes">Fewest bytes, of both directions together, before a cut.</param>
    /// <param name="maxBytes">Most bytes before a cut.</param>
    /// <param name="cuts">How many connections are cut; those after them live.</param>
    public CuttingProxy(Func<Uri> target, int seed, int minBytes, int maxBytes, int cuts)
    {
        (_target, _random, _minBytes, _maxBytes, _cutsLeft) = (target, new Random(seed), minBytes, maxBytes, cuts);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>How many connections were cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>The target's address with this proxy in its place.</summary>
    public Uri Address => new UriBuilder(_target()) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                var isCut = _cutsLeft > 0;
                _cutsLeft -= isCut ? 1 : 0;
                serving.Add(ServeAsync(client, isCut ? _random.Next(_minBytes, _maxBytes) : long.MaxValue));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, long allowed)
    {
        using var near = client;
        using var far = new TcpClient();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            var target = _target();
            await far.ConnectAsync(target.Host, target.Port, ending.Token);
            var budget = new Budget(allowed);
            var there = PumpAsync(near.Client, far.Client, budget, ending.Token);
            var back = PumpAsync(far.Client, near.Client, budget, ending.Token);
            await Task.WhenAny(there, back);
            await ending.CancelAsync();
            await Task.WhenAll(there, back);
            if (budget.IsSpent)
            {
                Interlocked.Increment(ref _cuts);
                near.LingerState = far.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // A side that is gone, or the end of the test.
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, Budget budget, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (!budget.IsSpent)
            {
                var count = await from.ReceiveAsync(buffer, cancellationToken);
                var passed = budget.Take(count);
                for (var sent = 0; sent < passed;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, passed - sent), cancellationToken);
                }

                if (count == 0)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The other direction ended.
        }
    }

    private sealed class Budget(long bytes)
    {
        private readonly Lock _gate = new();
        private long _left = bytes;

        public bool IsSpent => Volatile.Read(ref _left) <= 0;

        public int Take(int wish)
        {
            lock (_gate)
            {
                var taken = (int)Math.Min(wish, _left);
                _left -= taken;
                return taken;
            }
        }
    }
}
