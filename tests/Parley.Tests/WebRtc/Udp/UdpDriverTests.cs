using System.Net;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Udp;

namespace Parley.Tests.WebRtc.Udp;

public sealed class UdpDriverTests
{
    private static readonly TransportAddress _peer = TransportAddress.Parse("192.0.2.7:4000");

    [Fact]
    public async Task While_a_socket_takes_no_more_the_thread_waits_though_a_deadline_is_overdue()
    {
        var system = new BlockedSystem(waits: 10);
        var driver = UdpDriver.Open(system, new UdpOptions(), new FakeTimeProvider(), [IPAddress.Loopback]);

        driver.Start(new OverdueMachine(driver.Locals[0]));
        var timeouts = await system.Waits.Task;
        await driver.DisposeAsync();

        Assert.All(timeouts, timeout => Assert.True(timeout > TimeSpan.Zero, $"{timeout}"));
    }

    /// <summary>Always has something to send, and a deadline that only sending would clear.</summary>
    private sealed class OverdueMachine(TransportAddress from) : IDatagramMachine
    {
        public TimeSpan? NextTimeout => TimeSpan.Zero;

        public void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now)
        {
        }

        public int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now)
        {
            (local, remote, isProbe) = (from, _peer, false);
            return 1000;
        }

        public void HandleTimeout(TimeSpan now)
        {
        }

        public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now)
        {
        }
    }

    /// <summary>One socket that takes nothing. Notes how long each wait may be, and after so many of them waits to be woken.</summary>
    private sealed class BlockedSystem(int waits) : IUdpSystem, IUdpSocket
    {
        private readonly List<TimeSpan> _timeouts = [];
        private readonly ManualResetEventSlim _woken = new();

        public TaskCompletionSource<IReadOnlyList<TimeSpan>> Waits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TransportAddress Local { get; } = TransportAddress.Parse("127.0.0.1:4000");

        public bool IsReadable => false;

        public bool IsWritable => false;

        public bool IsBlocked { get; set; }

        public int MaxSegmentBytes => 0;

        public IUdpSocket Open(IPEndPoint local, UdpOptions options) => this;

        public void Wait(TimeSpan? timeout)
        {
            _timeouts.Add(timeout ?? TimeSpan.MaxValue);
            if (_timeouts.Count == waits)
            {
                Waits.SetResult([.. _timeouts]);
                _woken.Wait();
            }
        }

        public void Wake() => _woken.Set();

        public int Receive(ReceiveBatch batch) => 0;

        public (int Sent, SendError Error) Send(SendBatch batch, int first, int count) => (0, SendError.Blocked);

        public void Dispose() => _woken.Dispose();
    }
}
