using Parley.Protocol.Stun;

namespace Parley.Testing.Network;

/// <summary>A STUN server on the virtual network.</summary>
public sealed class VirtualStunServer
{
    private readonly VirtualSocket _socket;

    /// <summary>Answers from now on.</summary>
    public VirtualStunServer(VirtualInternet internet, string address)
    {
        ArgumentNullException.ThrowIfNull(internet);
        _socket = internet.Open(address);
        _socket.Received = Answer;
    }

    /// <summary>Where it is.</summary>
    public TransportAddress Address => _socket.Address;

    /// <summary>Answers nobody.</summary>
    public bool IsSilent { get; set; }

    private void Answer(TransportAddress from, byte[] bytes)
    {
        if (IsSilent || !StunMessage.TryParse(bytes, out var question) || question is not { Class: StunClass.Request, Method: StunMethod.Binding })
        {
            return;
        }

        var writer = new StunWriter(stackalloc byte[128], StunClass.Success, StunMethod.Binding, question.Transaction);
        writer.Add(StunAttribute.XorMappedAddress, from);
        _socket.Send(from, writer.Written);
    }
}
