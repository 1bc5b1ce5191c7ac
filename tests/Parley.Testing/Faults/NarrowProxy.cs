using System.Net;
using System.Net.Sockets;

namespace Parley.Testing.Faults;

/// <summary>A TCP proxy on loopback that lets little through towards the target, until it is widened: what a client has to send lies in its way for seconds.</summary>
/// <remarks>Answers come back at once. The rate is an upper bound: a busy machine makes it narrower.</remarks>
public sealed class NarrowProxy : IAsyncDisposable
{
    private const int StepBytes = 16 * 1024;
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile bool _isNarrow;

    /// <summary>A proxy that is listening, and wide.</summary>
    /// <param name="target">Where connections are led.</param>
    public NarrowProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Whether at most 1.6 MB a second pass towards the target.</summary>
    public bool IsNarrow
    {
        get => _isNarrow;
        set => _isNarrow = value;
    }

    /// <summary>Where connections are led.</summary>
    public Uri Target { get; }

    /// <summary>The target's address with this proxy in its place.</summary>
    public Uri Address => new UriBuilder(Target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

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
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            await far.ConnectAsync(Target.Host, Target.Port, ending.Token);
            var there = PumpAsync(near.Client, far.Client, isThere: true, ending.Token);
            var back = PumpAsync(far.Client, near.Client, isThere: false, ending.Token);
            await Task.WhenAny(there, back);
            await ending.CancelAsync();
            await Task.WhenAll(there, back);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // A side that is gone, or the end of the test.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isThere, CancellationToken cancellationToken)
    {
        var buffer = new byte[StepBytes];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, cancellationToken)) > 0;)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
                }

                await (isThere && IsNarrow ? Task.Delay(_step, TimeProvider.System, cancellationToken) : Task.CompletedTask);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The other direction ended.
        }
    }
}
