using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Stun;
using Parley.WebRtc.Udp.Linux;
using Parley.WebRtc.Udp.Plain;

namespace Parley.WebRtc.Udp;

/// <summary>Runs a state machine over datagrams on real sockets: one for each address of this machine's interfaces, one thread that receives and keeps time, callers that come in turn.</summary>
/// <remarks>
/// Nothing is allocated for a datagram. What the system refuses to send the machine hears, but for probes: one that does not fit is lost, which is its answer.
/// When a socket takes no more, nothing is asked of the machine until it does, so that flow control reaches whoever fills it.
/// </remarks>
public sealed partial class UdpDriver : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IUdpSystem _system;
    private readonly List<IUdpSocket> _sockets = [];
    private readonly SendBatch _sending = new();
    private readonly ReceiveBatch _receiving = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly long _origin;
    private IDatagramMachine? _machine;
    private Action<TimeSpan>? _onTurn;
    private bool _isStarted;
    private bool _isStopping;
    private bool _isClosed;

    private UdpDriver(IUdpSystem system, TimeProvider time) => (_system, _time, _origin) = (system, time, time.GetTimestamp());

    /// <summary>The addresses of the sockets.</summary>
    public IReadOnlyList<TransportAddress> Locals { get; private set; } = [];

    /// <summary>The addresses that could not be had, each with the reason.</summary>
    public IReadOnlyList<string> Refused { get; private set; } = [];

    /// <summary>The time since the origin that the machine's times have.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Ends when the driver has stopped; fails when the machine threw something.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Opens a socket for each address of this machine that the options choose.</summary>
    public static UdpDriver Open(UdpOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Open(options, time, InterfaceAddresses.Choose(InterfaceAddresses.OfThisMachine(), options.IsLoopbackAllowed, options.MaxAddresses));
    }

    /// <summary>Opens a socket for each of these addresses; those that cannot be had are left out.</summary>
    public static UdpDriver Open(UdpOptions options, TimeProvider time, IEnumerable<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentNullException.ThrowIfNull(time);
        return Open(options.IsBatchingAllowed && LinuxUdpSystem.IsSupported ? new LinuxUdpSystem() : new PlainUdpSystem(), options, time, addresses);
    }

    /// <summary>The same over a system of the caller's, which is the driver's from then on.</summary>
    internal static UdpDriver Open(IUdpSystem system, UdpOptions options, TimeProvider time, IEnumerable<IPAddress> addresses)
    {
        var driver = new UdpDriver(system, time);
        var refused = new List<string>();
        foreach (var address in addresses)
        {
            try
            {
                driver._sockets.Add(driver._system.Open(new IPEndPoint(address, 0), options));
            }
            catch (SocketException exception)
            {
                refused.Add($"{address}: {exception.SocketErrorCode}");
            }
        }

        driver.Locals = [.. driver._sockets.Select(socket => socket.Local)];
        driver.Refused = refused;
        return driver;
    }

    /// <summary>Begins to run a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="onTurn">Called in every turn of the driver's own, once the machine has taken what there was and before it says something: for whoever reads its events. Must not block.</param>
    public void Start(IDatagramMachine machine, Action<TimeSpan>? onTurn = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            if (_isStarted)
            {
                throw new InvalidOperationException("The driver runs already.");
            }

            (_machine, _onTurn, _isStarted) = (machine, onTurn, true);
        }

        new Thread(Run) { IsBackground = true, Name = "parley udp" }.Start();
    }

    /// <summary>Waits for a turn with the machine. The lock is the driver's: no turn within a turn, nothing that blocks, and no call of others' code.</summary>
    public UdpTurn Enter()
    {
        _gate.Enter();
        return new UdpTurn(this, Now);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        bool isFirst;
        lock (_gate)
        {
            (isFirst, _isStopping) = (!_isStopping, true);
            if (isFirst && _isStarted)
            {
                _system.Wake();
            }
        }

        if (isFirst && !_isStarted)
        {
            Close(null);
        }

        await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal void Leave(TimeSpan now)
    {
        try
        {
            if (_isStarted && !_isClosed)
            {
                Send(now);
                WakeThread();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Close(Exception? reason)
    {
        lock (_gate)
        {
            _isStopping = _isClosed = true;
            _system.Dispose();
        }

        if (reason is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(reason);
        }
    }
}
