using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Identity;

public sealed class ProofTests
{
    private static readonly AgentAddress _agent = new("acme", "agent-b");

    [Fact]
    public void Link_proof_bytes_are_the_documented_ones()
    {
        var overTls = Link();
        var inTheClear = LinkProof.Build([], "hub-aaaaaaaaaaaaaaaa", Filled(2), Filled(3), _agent, SessionRole.Caller, 7);

        Golden.Verify("link-proof", $"{Dump(overTls)}\n{Dump(inTheClear)}");
    }

    [Fact]
    public void Enrol_proof_bytes_are_the_documented_ones()
    {
        var named = Enrol("agent-b");
        var unnamed = Enrol(string.Empty);

        Golden.Verify("enrol-proof", $"{Dump(named)}\n{Dump(unnamed)}");
    }

    [Fact]
    public void Key_binding_bytes_are_the_documented_ones()
    {
        var bytes = KeyBinding.Build(Filled(1), Filled(2));

        Golden.Verify("key-binding", Dump(bytes));
    }

    [Fact]
    public void Each_proof_begins_with_its_own_purpose_and_NUL()
    {
        var proofs = new[] { Link(), Enrol("agent-b"), KeyBinding.Build(Filled(1), Filled(2)) };

        var purposes = proofs.Select(bytes => Encoding.ASCII.GetString(bytes, 0, Array.IndexOf(bytes, (byte)0)));

        Assert.Equal(["parley-link-v1", "parley-enrol-v1", "parley-keys-v1"], purposes);
    }

    [Fact]
    public void Every_field_of_the_link_proof_changes_its_bytes()
    {
        byte[][] variants =
        [
            Link(),
            LinkProof.Build([], "hub-a", Filled(2), Filled(3), _agent, SessionRole.Listen, 1),
            LinkProof.Build(Filled(9), "hub-a", Filled(2), Filled(3), _agent, SessionRole.Listen, 1),
            LinkProof.Build(Filled(1), "hub-b", Filled(2), Filled(3), _agent, SessionRole.Listen, 1),
            LinkProof.Build(Filled(1), "hub-a", Filled(9), Filled(3), _agent, SessionRole.Listen, 1),
            LinkProof.Build(Filled(1), "hub-a", Filled(2), Filled(9), _agent, SessionRole.Listen, 1),
            LinkProof.Build(Filled(1), "hub-a", Filled(2), Filled(3), new AgentAddress("acme", "agent-c"), SessionRole.Listen, 1),
            LinkProof.Build(Filled(1), "hub-a", Filled(2), Filled(3), _agent, SessionRole.Mcp, 1),
            LinkProof.Build(Filled(1), "hub-a", Filled(2), Filled(3), _agent, SessionRole.Listen, 2),
        ];

        var distinct = variants.Select(Convert.ToHexString).Distinct();

        Assert.Equal(variants.Length, distinct.Count());
    }

    [Theory]
    [InlineData(31, 32, 32)]
    [InlineData(32, 0, 32)]
    [InlineData(32, 32, 33)]
    public void Fields_of_a_wrong_length_are_refused(int hash, int hubNonce, int clientNonce)
    {
        var refusal = Assert.Throws<ParleyException>(
            () => LinkProof.Build(new byte[hash], "hub-a", new byte[hubNonce], new byte[clientNonce], _agent, SessionRole.Listen, 1));

        Assert.Equal(ErrorCode.ProtocolViolation, refusal.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(256)]
    public void A_role_that_does_not_fit_its_byte_is_refused(int role)
    {
        var refusal = Assert.Throws<ParleyException>(() => LinkProof.Build([], "hub-a", Filled(2), Filled(3), _agent, (SessionRole)role, 1));

        Assert.Equal(ErrorCode.ProtocolViolation, refusal.Code);
    }

    [Fact]
    public void A_fingerprint_is_the_hash_of_the_raw_key()
    {
        var fingerprint = KeyFingerprint.Of(new byte[32]);

        Assert.Equal("SHA256:Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU", fingerprint);
    }

    private static byte[] Link() => LinkProof.Build(Filled(1), "hub-a", Filled(2), Filled(3), _agent, SessionRole.Listen, 1);

    private static byte[] Enrol(string name) => EnrolProof.Build(
        "hub-a", Filled(1), EnrolProof.HashToken("a-join-token-of-22-chars"), Filled(4), name, Filled(5), DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000));

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, 32)];

    private static string Dump(byte[] bytes)
    {
        var lines = Convert.ToHexStringLower(bytes).Chunk(64).Select(line => new string(line) + "\n");
        return $"{bytes.Length} bytes\n{string.Concat(lines)}";
    }
}
