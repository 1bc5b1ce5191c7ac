using Parley.Protocol.Stun;
using Parley.WebRtc.Udp;

namespace Parley.Tests.WebRtc.Udp;

public sealed class SendBatchTests
{
    private static readonly TransportAddress _peer = TransportAddress.Parse("192.0.2.7:4000");

    [Fact]
    public void Equal_datagrams_to_one_destination_go_together_and_a_shorter_one_ends_them()
    {
        var batch = new SendBatch();

        Add(batch, 1200, 1200, 700, 700);

        Assert.Equal([(1200, 3, 3100), (700, 1, 700)], Entries(batch));
    }

    [Fact]
    public void Longer_ones_probes_and_others_destinations_begin_anew()
    {
        var batch = new SendBatch();

        Add(batch, 700, 1200);
        batch.Add(1200, 0, _peer, isProbe: true, SendBatch.MaxDatagram);
        Add(batch, 1200);
        batch.Add(1200, 0, _peer.WithPort(1), isProbe: false, SendBatch.MaxDatagram);
        batch.Add(1200, 1, _peer.WithPort(1), isProbe: false, SendBatch.MaxDatagram);

        Assert.All(Entries(batch), entry => Assert.Equal(1, entry.Segments));
        Assert.Equal(6, batch.Count);
    }

    [Fact]
    public void No_buffer_is_longer_than_a_datagram_may_be_nor_has_more_pieces_than_kernels_take()
    {
        var batch = new SendBatch();

        Add(batch, [.. Enumerable.Repeat(9000, 8), .. Enumerable.Repeat(10, 65)]);

        Assert.Equal([(9000, 7, 63_000), (9000, 2, 9010), (10, 64, 640)], Entries(batch));
    }

    [Fact]
    public void What_the_kernel_does_not_cut_stays_apart()
    {
        var batch = new SendBatch();

        batch.Add(1200, 0, _peer, false, 1199);
        batch.Add(1200, 0, _peer, false, 1199);

        Assert.Equal([(1200, 1, 1200), (1200, 1, 1200)], Entries(batch));
    }

    private static void Add(SendBatch batch, params int[] lengths)
    {
        foreach (var length in lengths)
        {
            batch.Add(length, 0, _peer, false, SendBatch.MaxDatagram);
        }
    }

    private static (int Bytes, int Segments, int Length)[] Entries(SendBatch batch) =>
        [.. Enumerable.Range(0, batch.Count).Select(index => (batch[index].SegmentBytes, batch[index].Segments, batch[index].Length))];
}
