public import HXE
public import MiniVM

/// The reasons for which a command fails that are neither the image's nor a load's.
public enum ToolReason: String, CaseIterable, Sendable {
  case illegalInstruction = "illegal_instruction"
  case programCounter = "program_counter"
  case memory
  case stackOverflow = "stack_overflow"
  case stackUnderflow = "stack_underflow"
  case divideByZero = "divide_by_zero"
  case codeEnd = "code_end"
  case budgetSpent = "budget_spent"
  case debugBreak = "debug_break"
  case waiting
  case assemblyFailed = "assembly_failed"
  case vectorsInvalid = "vectors_invalid"
  case file
  case fileTooLarge = "file_too_large"
  case storageInUse = "storage_in_use"
  case notStorage = "not_storage"
  case storageExists = "storage_exists"
  case storageSize = "storage_size"
  case storageDamaged = "storage_damaged"
  case appAmbiguous = "app_ambiguous"

  /// The reason of a fault.
  public init(_ fault: Fault) {
    self =
      switch fault {
      case .illegalInstruction: .illegalInstruction
      case .programCounter: .programCounter
      case .memory: .memory
      case .stackOverflow: .stackOverflow
      case .stackUnderflow: .stackUnderflow
      case .divideByZero: .divideByZero
      case .codeEnd: .codeEnd
      }
  }

  /// The code that goes with the reason.
  public var code: ErrorCode {
    switch self {
    case .illegalInstruction, .programCounter, .memory, .stackOverflow, .stackUnderflow, .divideByZero,
      .codeEnd:
      .invalid
    case .budgetSpent: .timedOut
    case .debugBreak, .waiting, .storageInUse: .busy
    case .notStorage: .invalid
    case .storageExists: .exists
    case .appAmbiguous: .invalid
    case .storageSize, .storageDamaged: .inputOutput
    case .assemblyFailed, .vectorsInvalid: .badMessage
    case .file: .inputOutput
    case .fileTooLarge: .noSpace
    }
  }

  /// What is wrong, in general.
  public var cause: String {
    switch self {
    case .illegalInstruction: "The program met a word that is no instruction."
    case .programCounter: "The program jumped outside its code, or between two instructions."
    case .memory: "The program accessed memory across its end."
    case .stackOverflow: "The program's stack is full: calls too deep, or too much pushed."
    case .stackUnderflow: "The program took more from its stack than it had put there."
    case .divideByZero: "The program divided by zero."
    case .codeEnd: "The program's last instruction lacks its second word."
    case .budgetSpent: "The program retired as many instructions as it was allowed, and had not ended."
    case .debugBreak: "The program met a BRK, which stops it for a debugger."
    case .waiting: "The program waits for a message that nobody here can send."
    case .assemblyFailed: "The source has errors; each is told with its line."
    case .vectorsInvalid: "The file holds no instruction vectors of the format hsx.isa-vectors/1."
    case .file: "A file or folder cannot be read or written."
    case .fileTooLarge: "The file is larger than any image or source of HSX."
    case .storageInUse: "Another process has the store open, and only one may write to it."
    case .notStorage: "What is there cannot hold a store."
    case .storageExists: "Something stands there already, and formatting would destroy it."
    case .storageSize: "The store was made for a memory of another length or kind, or by another version."
    case .appAmbiguous: "Several apps are stored, and none was named."
    case .storageDamaged: "A part of the store is damaged beyond correction."
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .illegalInstruction, .programCounter, .memory, .stackOverflow, .stackUnderflow, .divideByZero,
      .codeEnd:
      "Run it with --trace to see the instructions before."
    case .budgetSpent: "Give it more with --max-steps."
    case .debugBreak: "Take the BRK out to run on."
    case .waiting: "Give its wait a time-out, or let it send to itself."
    case .assemblyFailed: "Correct the lines named above."
    case .vectorsInvalid: "Give a JSON file of the format hsx.isa-vectors/1."
    case .file: "Check the path, its permissions, and the room on its disk."
    case .fileTooLarge: "Give an image or a source of HSX; none is that large."
    case .storageInUse: "End the other process first, or give this one a store of its own."
    case .storageExists: "Give another path, or `--force` to destroy what is there."
    case .appAmbiguous: "Name the app; `hsx slots` shows which there are."
    case .storageSize:
      "Give the store as it was: neither cut, nor grown, nor copied to another kind of memory."
    case .storageDamaged:
      "`hsx storage dump` shows what can still be read; store anew what is missing, or format with `--force`."
    case .notStorage: "Give a file, an EEPROM's file in sysfs, or an MTD character device of NOR flash."
    }
  }
}
