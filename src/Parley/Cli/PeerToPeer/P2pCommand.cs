namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p</c>: from machine to machine, with a hub that carries signals and sees nothing.</summary>
internal sealed class P2pCommand : ParleyCommand
{
    public P2pCommand()
        : base(
            "p2p",
            "Go from machine to machine: the hub brings two agents together and sees nothing of what they exchange",
            new Example("parley p2p recv", "on agent-b: wait for files"),
            new Example("parley p2p send photos agent-b", "send a folder there"),
            new Example("parley p2p chat agent-b", "talk with somebody there"),
            new Example("parley p2p call agent-b", "talk and see each other"),
            new Example("parley p2p invite bob", "a link for somebody who has a browser only"),
            new Example("parley p2p list", "who can be met, and whose key is known"),
            new Example("parley p2p doctor agent-b", "which ways there are, and what would mend the others"))
    {
        Add(new P2pSendCommand());
        Add(new P2pRecvCommand());
        Add(new P2pChatCommand());
        Add(new P2pCallCommand());
        Add(new P2pInviteCommand());
        Add(new P2pListCommand());
        Add(new P2pDoctorCommand());
    }
}
