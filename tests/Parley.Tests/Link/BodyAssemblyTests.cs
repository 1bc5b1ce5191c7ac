using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Tests.Link;

public sealed class BodyAssemblyTests
{
    private readonly BodyAssembly _assembly = new();

    [Fact]
    public void Chunks_become_the_whole_body_even_when_bodies_interleave()
    {
        _assembly.Begin(Announce("a", 4), 100);
        _assembly.Begin(Announce("b", 2), 100);

        var early = new[] { _assembly.Add(Chunk("a", 0, "he")), _assembly.Add(Chunk("b", 0, "o")) };
        var second = _assembly.Add(Chunk("b", 1, "k"))!;
        var first = _assembly.Add(Chunk("a", 2, "re"))!;

        Assert.All(early, Assert.Null);
        Assert.Equal(("here", 0u), (first.Body.ToStringUtf8(), first.BodySize));
        Assert.Equal("ok", second.Body.ToStringUtf8());
    }

    [Theory]
    [InlineData("a", 1u, "x")]
    [InlineData("a", 0u, "toolong")]
    [InlineData("a", 0u, "")]
    [InlineData("other", 0u, "x")]
    public void A_chunk_out_of_place_ends_the_link(string id, uint offset, string data)
    {
        _assembly.Begin(Announce("a", 4), 100);

        var refusal = Assert.Throws<ParleyException>(() => _assembly.Add(Chunk(id, offset, data)));

        Assert.Equal(ErrorCode.ProtocolViolation, refusal.Code);
    }

    [Fact]
    public void More_open_bytes_than_allowed_end_the_link()
    {
        _assembly.Begin(Announce("a", 60), 100);

        Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(() => _assembly.Begin(Announce("b", 41), 100)).Code);
    }

    [Fact]
    public void A_finished_body_gives_its_room_back()
    {
        _assembly.Begin(Announce("a", 4), 4);
        _assembly.Add(Chunk("a", 0, "done"));

        _assembly.Begin(Announce("a", 4), 4);

        Assert.NotNull(_assembly.Add(Chunk("a", 0, "more")));
    }

    [Fact]
    public void One_id_cannot_be_open_twice()
    {
        _assembly.Begin(Announce("a", 4), 100);

        Assert.Throws<ParleyException>(() => _assembly.Begin(Announce("a", 4), 100));
    }

    [Fact]
    public void Chunks_of_a_refused_body_pass_and_leave_nothing()
    {
        _assembly.Skip(Announce("big", 4));

        var dropped = new[] { _assembly.Add(Chunk("big", 0, "he")), _assembly.Add(Chunk("big", 2, "re")) };

        Assert.All(dropped, Assert.Null);
        Assert.Throws<ParleyException>(() => _assembly.Add(Chunk("big", 4, "more")));
    }

    [Fact]
    public void Chunks_of_a_refused_body_keep_their_order_too()
    {
        _assembly.Skip(Announce("big", 4));

        Assert.Throws<ParleyException>(() => _assembly.Add(Chunk("big", 2, "re")));
    }

    [Fact]
    public void Only_so_many_refused_bodies_may_be_open()
    {
        for (var number = 0; number < 64; number++)
        {
            _assembly.Skip(Announce($"{number}", 4));
        }

        Assert.Throws<ParleyException>(() => _assembly.Skip(Announce("one more", 4)));
    }

    private static Envelope Announce(string id, uint size) => new() { Id = id, BodySize = size };

    private static BodyChunk Chunk(string id, uint offset, string data) => new() { Id = id, Offset = offset, Data = ByteString.CopyFromUtf8(data) };
}
