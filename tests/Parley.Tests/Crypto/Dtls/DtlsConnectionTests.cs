using System.Security.Cryptography;
using Parley.Crypto.Dtls;

namespace Parley.Tests.Crypto.Dtls;

public sealed class DtlsConnectionTests
{
    [Fact]
    public void Two_ends_connect_with_the_suite_that_every_WebRTC_stack_knows()
    {
        using var pair = new DtlsPair();

        pair.Exchange();

        Assert.True(pair.AreConnected);
        Assert.Equal(0xC02B, pair.Client.CipherSuite);
        Assert.Equal(pair.ServerDer.ToArray(), pair.Client.PeerCertificate.ToArray());
        Assert.Equal(pair.ClientDer.ToArray(), pair.Server.PeerCertificate.ToArray());
    }

    [Fact]
    public void Flights_of_the_handshake_fit_into_small_datagrams()
    {
        using var pair = DtlsPair.Connected();

        Assert.All(pair.Sent, datagram => Assert.InRange(datagram.Length, 14, 1200));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1160)]
    [InlineData(DtlsConnection.MaxPlaintext)]
    public void A_message_is_one_record_in_one_datagram(int size)
    {
        using var pair = DtlsPair.Connected();
        var plaintext = RandomNumberGenerator.GetBytes(size);

        var datagram = DtlsPair.Encrypt(pair.Client, plaintext);
        pair.Server.Receive(datagram, pair.Now);

        Assert.Equal(size + DtlsConnection.MaxOverhead, datagram.Length);
        Assert.Equal([plaintext], DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void A_datagram_may_hold_several_records()
    {
        using var pair = DtlsPair.Connected();

        byte[] datagram = [.. DtlsPair.Encrypt(pair.Server, "one"u8), .. DtlsPair.Encrypt(pair.Server, "two"u8), .. DtlsPair.Encrypt(pair.Server, "three"u8)];
        pair.Client.Receive(datagram, pair.Now);

        Assert.Equal(["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()], DtlsPair.Read(pair.Client));
    }

    [Fact]
    public void Lost_and_reordered_records_leave_the_others_alone()
    {
        using var pair = DtlsPair.Connected();
        var datagrams = Enumerable.Range(0, 20).Select(number => DtlsPair.Encrypt(pair.Client, [(byte)number])).ToArray();

        foreach (var number in new[] { 3, 1, 19, 7 })
        {
            pair.Server.Receive(datagrams[number], pair.Now);
        }

        Assert.Equal([[3], [1], [19], [7]], DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void A_record_counts_once()
    {
        using var pair = DtlsPair.Connected();
        var datagram = DtlsPair.Encrypt(pair.Client, "once"u8);

        pair.Server.Receive(datagram, pair.Now);
        pair.Server.Receive(datagram, pair.Now);

        Assert.Single(DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void Close_notify_ends_both_ends()
    {
        using var pair = DtlsPair.Connected();

        pair.Client.Close();
        pair.Exchange();

        Assert.Equal(DtlsState.Closed, pair.Client.State);
        Assert.Equal(DtlsState.Closed, pair.Server.State);
        Assert.Empty(DtlsPair.Encrypt(pair.Server, "too late"u8));
    }

    [Fact]
    public void Records_that_nobody_reads_are_given_up_at_a_limit()
    {
        using var pair = DtlsPair.Connected();
        var plaintext = new byte[1000];

        for (var count = 0; count < 100; count++)
        {
            pair.Server.Receive(DtlsPair.Encrypt(pair.Client, plaintext), pair.Now);
        }

        Assert.InRange(DtlsPair.Read(pair.Server).Count, 40, 65);
        Assert.InRange(pair.Server.Dropped, 35, 60);
    }

    [Fact]
    public void Data_costs_no_allocation()
    {
        using var pair = DtlsPair.Connected();
        var (plaintext, datagram, count) = (new byte[1160], new byte[1200], 0);
        void Pass()
        {
            var length = pair.Client.Send(plaintext, datagram);
            pair.Server.Receive(datagram.AsSpan(0, length), TimeSpan.Zero);
            count += pair.Server.TryRead(out _) ? 1 : 0;
        }

        Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1000; number++)
        {
            Pass();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, count);
    }

    [Fact]
    public void Every_ending_may_be_followed_by_any_call()
    {
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        var untouched = new DtlsConnection(new DtlsOptions { Role = DtlsRole.Server, Certificate = certificate, PeerFingerprints = [new byte[32]] });
        var pair = DtlsPair.Connected();
        var hello = pair.Sent[0];

        untouched.Dispose();
        pair.Dispose();
        pair.Dispose();
        foreach (var one in new[] { untouched, pair.Client, pair.Server })
        {
            one.Start(TimeSpan.Zero);
            one.Receive(hello, TimeSpan.Zero);
            one.HandleTimeout(TimeSpan.Zero);
            one.Close();

            Assert.Equal(DtlsState.Closed, one.State);
            Assert.Null(one.NextTimeout);
            Assert.Equal(0, one.Poll(new byte[4096]));
            Assert.Equal(0, one.Send([1], new byte[100]));
            Assert.False(one.TryRead(out _));
        }
    }

    [Fact]
    public void A_message_that_is_too_long_is_the_callers_fault()
    {
        using var pair = DtlsPair.Connected();

        Assert.Throws<ArgumentException>(() => pair.Client.Send(new byte[DtlsConnection.MaxPlaintext + 1], new byte[20_000]));
        Assert.Throws<ArgumentException>(() => pair.Client.Send(new byte[100], new byte[100]));
        Assert.Throws<ArgumentException>(() => pair.Client.Send([], new byte[100]));
    }
}
