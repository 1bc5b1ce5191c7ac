namespace Parley.Client.Transfer.Wire;

/// <summary>What a frame of a transfer is. Numbers are never used again; docs/protocol/transfer.md has the layouts.</summary>
internal enum FrameKind
{
    /// <summary>First frame of each end on each path.</summary>
    Hello = 0x01,

    /// <summary>Sender: what kind of transfer follows.</summary>
    Begin = 0x02,

    /// <summary>Sender: a page of the manifest.</summary>
    Entries = 0x03,

    /// <summary>Sender: the manifest is complete.</summary>
    ManifestEnd = 0x04,

    /// <summary>Receiver: what it takes.</summary>
    Plan = 0x10,

    /// <summary>Receiver: hashes of chunks that it has.</summary>
    Hashes = 0x11,

    /// <summary>Receiver: the plan is complete.</summary>
    PlanEnd = 0x12,

    /// <summary>Sender: one chunk of a file.</summary>
    Chunk = 0x20,

    /// <summary>Sender: a file of at most one chunk, whole.</summary>
    Whole = 0x21,

    /// <summary>Sender: chunks that the receiver's own copy has already.</summary>
    Same = 0x22,

    /// <summary>Sender: a file is complete.</summary>
    FileEnd = 0x23,

    /// <summary>Sender: a file cannot be sent.</summary>
    SourceFailed = 0x24,

    /// <summary>Sender: nothing more comes.</summary>
    End = 0x25,

    /// <summary>Receiver: how far it is.</summary>
    Ack = 0x30,

    /// <summary>Receiver: a file cannot be written.</summary>
    TargetFailed = 0x31,

    /// <summary>Receiver: what became of the transfer.</summary>
    Result = 0x32,

    /// <summary>Both: nothing to say, but here.</summary>
    Alive = 0x40,

    /// <summary>Both: refused; the transfer is over.</summary>
    Error = 0x41,

    /// <summary>Both: stopped by its user; what was verified is kept.</summary>
    Stop = 0x42,

    /// <summary>Sender: the result has arrived.</summary>
    Bye = 0x43,
}
